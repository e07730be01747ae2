import { dateTimeOf, dayOf } from './dateTime.js';
import { isPlainJson } from './plainJson.js';

/** What becomes of a value that isn't of its field's type. */
export const UNREAD: unique symbol = Symbol('unread');

/** A value as JSON.parse made it, or undefined, to what docs/reading.md promises of its type. */
export type Conform = (raw: unknown) => unknown;

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && value !== 0;
const isUnset = (value: unknown): boolean => value === false || value === null;
const textOf = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());

const text: Conform = (raw) => {
  if (typeof raw === 'string') return textOf(raw);
  return isUnset(raw) ? null : UNREAD;
};
// Adding nothing makes -0 a 0: it would be another type of BSON's.
const integer: Conform = (raw) => {
  if (Number.isSafeInteger(raw)) return (raw as number) + 0;
  return isUnset(raw) ? null : UNREAD;
};
const float: Conform = (raw) => {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw + 0 : UNREAD;
  return isUnset(raw) ? null : UNREAD;
};
const boolean: Conform = (raw) => (typeof raw === 'boolean' ? raw : UNREAD);
const dateTime: Conform = (raw) => (isUnset(raw) ? null : (dateTimeOf(raw) ?? UNREAD));
const date: Conform = (raw) => (isUnset(raw) ? null : (dayOf(raw) ?? UNREAD));
const many2one: Conform = (raw) => {
  if (Array.isArray(raw)) {
    const [id, name] = raw as unknown[];
    if (!isId(id) || raw.length > 2) return UNREAD;
    if (typeof name === 'string') return { id, name: textOf(name) };
    return name === undefined || isUnset(name) ? { id, name: null } : UNREAD;
  }
  if (isId(raw)) return { id: raw, name: null };
  return isUnset(raw) ? null : UNREAD;
};
const ids: Conform = (raw) => (Array.isArray(raw) && raw.every(isId) ? raw : UNREAD);
const json: Conform = (raw) => {
  if (isUnset(raw)) return null;
  return isPlainJson(raw) ? raw : UNREAD;
};

const TYPES: ReadonlyMap<string, Conform> = new Map([
  ['boolean', boolean],
  ['char', text],
  ['text', text],
  ['html', text],
  ['selection', text],
  ['reference', text],
  ['integer', integer],
  ['many2one_reference', integer],
  ['float', float],
  ['monetary', float],
  ['date', date],
  ['datetime', dateTime],
  ['many2one', many2one],
  ['one2many', ids],
  ['many2many', ids],
]);

/** Types that this code doesn't know hold what JSON can, within bounds: `json`, `properties`, and whatever comes. */
export const conformOf = (type: string): Conform => TYPES.get(type) ?? json;
