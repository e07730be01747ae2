import { describe, expect, test } from '@jest/globals';
import { createPageSizer } from './pageSizer.js';

/** The sizes a sizer takes while every page comes full and fast. */
function grow(sizer: ReturnType<typeof createPageSizer>, pages: number): number[] {
  return Array.from({ length: pages }, () => {
    sizer.took(sizer.size(), 10);
    return sizer.size();
  });
}

describe('the page size', () => {
  test('grows to its most while pages come full and fast', () => {
    expect(grow(createPageSizer(200, 1_000), 6)).toEqual([300, 450, 675, 1_000, 1_000, 1_000]);
  });

  test('never starts above its most', () => {
    expect(createPageSizer(500, 100).size()).toBe(100);
  });

  test('stays for a short page and for a slow one', () => {
    const sizer = createPageSizer(200, 1_000);
    sizer.took(199, 10);
    sizer.took(200, 1_000);
    expect(sizer.size()).toBe(200);
  });

  test('halves when a page times out, and grows again', () => {
    const sizer = createPageSizer(200, 1_000);
    sizer.tooSlow();
    expect(sizer.size()).toBe(100);
    expect(grow(sizer, 9).at(-1)).toBe(1_000);
  });

  test('halves when an answer is too large, and does not grow back to where it failed', () => {
    const sizer = createPageSizer(200, 1_000);
    sizer.tooLarge();
    expect(grow(sizer, 9)).toEqual(Array(9).fill(100));
  });

  test('is never below one record, and grows from there', () => {
    const sizer = createPageSizer(2, 1_000);
    for (let n = 0; n < 5; n++) sizer.tooSlow();
    expect(sizer.size()).toBe(1);
    expect(grow(sizer, 3)).toEqual([2, 3, 5]);
  });
});
