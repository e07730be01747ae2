import { mix } from '../random.js';

/** What a generated record's values may depend on, besides its id. One for each database. */
export interface World {
  readonly hash: number;
  readonly partners: number;
  readonly employees: number;
}

/** One record while its values are written. `stable` never changes for an id, `revised` changes with every revision. */
export interface Row {
  world: World;
  id: number;
  stable: number;
  revised: number;
  revision: number;
  active: boolean;
  writtenSecond: number;
  createdSecond: number;
  nowSecond: number;
}

/** Writes one value of a record as JSON text. */
export interface Render {
  (row: Row): string;
  /** The same with `head` before every value, where joining the two beforehand saves doing it for every record. */
  readonly prefixed?: (head: string) => (row: Row) => string;
}

/** A render's values with `head` before each. */
export function withHead(render: Render, head: string): (row: Row) => string {
  return render.prefixed?.(head) ?? ((row) => head + render(row));
}

const SALT = {
  'res.partner': 0x51ed270b,
  'sale.order': 0x2c1b3c6d,
  'account.move': 0x297a2d39,
  'hr.employee': 0x68e31da4,
} as const;

/** The number that every stable value of a record is drawn from. */
export function stableNumber(world: World, model: keyof typeof SALT, id: number): number {
  return mix(world.hash ^ SALT[model] ^ Math.imul(id, 0x27d4eb2f));
}
