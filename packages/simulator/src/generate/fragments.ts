import type { JsonWriter } from '../pythonJson.js';
import { draw, mix } from '../random.js';
import { dayText, secondText } from '../timestamps.js';
import { type Render, type Row, withHead } from './row.js';

/** A render that chooses from a pool; the values themselves are kept so that a domain can compare without parsing. */
export interface PoolRender extends Render {
  readonly pool?: readonly unknown[];
  readonly at?: (row: Row) => number;
}

const pool = (at: (row: Row) => number, values: readonly unknown[], write: JsonWriter): PoolRender => {
  const texts = values.map(write);
  const prefixed = (head: string) => {
    const joined = texts.map((text) => head + text);
    return (row: Row) => joined[at(row)]!;
  };
  return Object.assign((row: Row) => texts[at(row)]!, { pool: values, at, prefixed });
};

/** One of the values, the same for ever. */
export const stable = (salt: number, values: readonly unknown[], write: JsonWriter): PoolRender =>
  pool((row) => draw(row.stable, salt) % values.length, values, write);

/** One of the values, another one (perhaps) after each revision. */
export const revised = (salt: number, values: readonly unknown[], write: JsonWriter): PoolRender =>
  pool((row) => draw(row.revised, salt) % values.length, values, write);

export const constant = (value: unknown, write: JsonWriter): Render => {
  const text = write(value);
  const prefixed = (head: string) => {
    const joined = head + text;
    return () => joined;
  };
  return Object.assign(() => text, { prefixed });
};

/** `render` for so many of a hundred records, `false` for the others. */
export const sometimes = (salt: number, percent: number, render: Render): Render => {
  const choose = (given: (row: Row) => string, otherwise: string) => (row: Row) =>
    draw(row.stable, salt) % 100 < percent ? given(row) : otherwise;
  return Object.assign(choose(render, 'false'), {
    prefixed: (head: string) => choose(withHead(render, head), `${head}false`),
  });
};

/** An amount with two decimals, between 0 and `most`, as text without a quote. */
export function amountText(cents: number): string {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.abs(cents);
  const rest = whole % 100;
  const units = (whole - rest) / 100;
  if (rest === 0) return `${sign}${units}.0`;
  if (rest % 10 === 0) return `${sign}${units}.${rest / 10}`;
  return `${sign}${units}.${rest < 10 ? '0' : ''}${rest}`;
}

/** Ids of records elsewhere, up to `most`, unsorted as an x2many comes. */
export const idList =
  (salt: number, most: number): Render =>
  (row) => {
    const number = draw(row.revised, salt);
    const length = number % (most + 1);
    if (length === 0) return '[]';
    let text = `[${((number >>> 4) % 9000) + 1}`;
    for (let i = 1; i < length; i += 1) text += `, ${(mix(number + i) % 9000) + 1}`;
    return `${text}]`;
  };

const DAY = 86_400;

/** A day within `spread` days after the record's creation (before it for a negative spread). */
export const dayAround =
  (salt: number, spread: number): Render =>
  (row) =>
    `"${dayText(Math.floor(row.createdSecond / DAY) + Math.round((draw(row.stable, salt) % 1000) * (spread / 1000)))}"`;

export const secondAround =
  (salt: number, spread: number): Render =>
  (row) =>
    `"${secondText(row.createdSecond + Math.round((draw(row.stable, salt) % 1000) * (spread / 1000)))}"`;

/** A text with a number from the record, e.g. `+32 470 12 34 56`. */
export const numbered = (salt: number, before: string, after: string, write: JsonWriter): Render => {
  const head = write(before).slice(0, -1);
  const tail = write(after).slice(1);
  return (row) => `${head}${draw(row.revised, salt)}${tail}`;
};
