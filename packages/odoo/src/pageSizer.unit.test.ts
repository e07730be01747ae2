import { describe, expect, test } from '@jest/globals';
import { createPageGrowth, createPageSizer, type PageGrowth } from './pageSizer.js';

/** The sizes a sizer takes while every page comes full and fast. */
function grow(sizer: PageGrowth, pages: number): number[] {
  return Array.from({ length: pages }, () => {
    sizer.took(sizer.size(), 10);
    return sizer.size();
  });
}

/** Pages as they come from an Odoo that bears so many rows. @returns the sizes that were asked for. */
function readFrom(sizer: ReturnType<typeof createPageSizer>, bears: number, pages: number): number[] {
  const asked: number[] = [];
  for (let came = 0; came < pages; ) {
    const size = sizer.size();
    asked.push(size);
    if (size > bears) sizer.tooHeavy(size);
    else {
      sizer.took(size, 10);
      came++;
    }
  }
  return asked;
}

const sizerOf = (start: number, most: number) => createPageSizer(createPageGrowth(start, most), most);

describe('the page size', () => {
  test('grows to its most while pages come full and fast', () => {
    expect(grow(sizerOf(200, 1_000), 6)).toEqual([300, 450, 675, 1_000, 1_000, 1_000]);
  });

  test('never starts above its most', () => {
    expect(sizerOf(500, 100).size()).toBe(100);
  });

  test('stays for a short page and for a slow one', () => {
    const sizer = sizerOf(200, 1_000);
    sizer.took(199, 10);
    sizer.took(200, 1_000);
    expect(sizer.size()).toBe(200);
  });

  test('halves while a page is too heavy, and stays there', () => {
    const sizer = sizerOf(200, 1_000);
    expect(readFrom(sizer, 50, 19)).toEqual([200, 100, ...Array(19).fill(50)]);
    expect(sizer.ceiling()).toEqual({ rows: 50, patience: 20 });
  });

  test('is tried larger after twenty full pages, and after twice as many each time that fails', () => {
    const asked = readFrom(sizerOf(200, 1_000), 50, 140);
    const tries = asked.flatMap((size, at) => (size === 75 ? [at - 2] : []));
    expect(tries).toEqual([20, 61]);
  });

  test('grows back step by step, and is free again at its most', () => {
    const sizer = sizerOf(200, 200);
    readFrom(sizer, 50, 1);
    const asked = readFrom(sizer, 1_000, 100);
    expect([...new Set(asked)]).toEqual([50, 75, 113, 170, 200]);
    expect(sizer.ceiling()).toBeNull();
  });

  test('of one module is not held down by what is too heavy in another', () => {
    const growth = createPageGrowth(200, 1_000);
    const [one, other] = [createPageSizer(growth, 1_000), createPageSizer(growth, 1_000)];
    readFrom(one, 50, 1);
    expect([one.size(), other.size()]).toEqual([50, 200]);
  });

  test('begins where another session has come to, and keeps what it has found out since', () => {
    const sizer = sizerOf(200, 1_000);
    sizer.know({ rows: 60, patience: 40 });
    expect(sizer.size()).toBe(60);
    sizer.tooHeavy(60);
    sizer.know({ rows: 60, patience: 40 });
    expect(sizer.ceiling()).toEqual({ rows: 30, patience: 40 });
    sizer.know({ rows: 10, patience: 40 });
    expect(sizer.size()).toBe(10);
  });

  test('is what it was told at first where a single record is too heavy', () => {
    const sizer = sizerOf(4, 1_000);
    sizer.know({ rows: 3, patience: 20 });
    expect([sizer.tooHeavy(3), sizer.tooHeavy(1)]).toEqual([true, false]);
    expect(sizer.ceiling()).toEqual({ rows: 3, patience: 20 });
  });
});
