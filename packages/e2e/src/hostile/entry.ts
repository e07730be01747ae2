import type { Asked, Exchange, Row, Twist } from '../harness/hostileOdoo.js';

/** One way to be hostile: a line of the table. */
export interface Entry {
  readonly name: string;
  readonly does: Twist;
  /** What one sentence of the operator's must say; null where nothing is wrong with what the user gets. */
  readonly operator: RegExp | null;
  /**
   * What of this user must be mirrored, and as its Odoo has it: all records, those that aren't poisoned, or none, where
   * nothing can be had of such an Odoo.
   */
  readonly mirrored: 'all' | 'others' | 'none';
  /** Some of its contacts are written while it is followed: for what befalls tails alone. */
  readonly stirred?: true;
  /** How the user logs in: an API key over JSON-2 unless told, else over JSON-RPC. */
  readonly password?: true;
  /** Its history, instead of some days. */
  readonly range?: 'all';
  readonly settings?: Readonly<Record<string, string>>;
}

/** The contacts that are poisoned where an entry speaks of one, or of fifty; made before the table is gone through. */
export const poisoned: { one: number; fifty: ReadonlySet<number> } = { one: 0, fifty: new Set() };

/** Does something to requests of some kinds, and passes the others. */
export const to =
  (kinds: Asked | readonly Asked[], twist: Twist): Twist =>
  (exchange) =>
    [kinds].flat().includes(exchange.asked) ? twist(exchange) : exchange.pass();

/** Every kind of request but for the version's: the engine gets as far as a session. */
export const CALLS: readonly Asked[] = [
  'login',
  'access',
  'fields',
  'survey',
  'count',
  'window',
  'ids',
  'light',
  'other',
];
export const READINGS: readonly Asked[] = ['window', 'ids'];

/** Only contacts are touched: the other modules' records must be there whatever happens. */
export const ofContacts =
  (twist: Twist): Twist =>
  (exchange) =>
    exchange.model === 'res.partner' ? twist(exchange) : exchange.pass();

/** Contacts' rows, changed as JSON text: what JavaScript has no value for can be said too. */
export const rows = (
  change: (row: Row, exchange: Exchange) => unknown,
  kinds: Asked | readonly Asked[] = READINGS,
) =>
  ofContacts(
    to(kinds, async (exchange) => {
      const { value } = await exchange.honest();
      if (!Array.isArray(value)) return exchange.pass();
      const changed = (value as Row[]).map((row) => change(row, exchange));
      const same = changed.every((row, n) => row === value[n]);
      return same ? exchange.pass() : exchange.json(`[${changed.map(textOf).join(', ')}]`);
    }),
  );

/** A value of a row, given as the JSON text that stands for it. */
export class Text {
  constructor(readonly text: string) {}
}

const textOf = (row: unknown): string => {
  if (row instanceof Text) return row.text;
  if (typeof row !== 'object' || row === null) return JSON.stringify(row);
  const entries = Object.entries(row).map(
    ([name, value]) =>
      `${JSON.stringify(name)}: ${value instanceof Text ? value.text : JSON.stringify(value)}`,
  );
  return `{${entries.join(', ')}}`;
};

/** The same for the one poisoned contact. */
export const poison = (change: (row: Row, exchange: Exchange) => unknown) =>
  rows((row, exchange) => (row.id === poisoned.one ? change(row, exchange) : row));

/** The reading of contacts fails in some way where some of them are in it. */
export const failing = (isPoisoned: (row: Row, exchange: Exchange) => boolean, how: Twist) =>
  ofContacts(
    to(READINGS, async (exchange) => {
      const { value } = await exchange.honest();
      const hit = Array.isArray(value) && (value as Row[]).some((row) => isPoisoned(row, exchange));
      return hit ? how(exchange) : exchange.pass();
    }),
  );

/** The poisoned contact with some values of its own, so and so. */
export const withValue = (values: Readonly<Record<string, unknown>>) =>
  poison((row) => ({
    ...row,
    ...Object.fromEntries(Object.entries(values).filter(([name]) => name in row)),
  }));
