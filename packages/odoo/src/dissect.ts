import type { UnreadableRecord } from '@odoo-sync/core';
import type { Budget } from './budget.js';
import { isReadingFault } from './classify.js';
import type { OdooRow } from './decode.js';

/** How the records of a page that fails are read. Each throws what Odoo answers. */
export interface Readings {
  /** Some of the page's records, with every field. */
  full(ids: readonly number[]): Promise<readonly OdooRow[]>;
  /** One of them, with stored fields only; `unread` are the others. */
  stored(id: number): Promise<PartialRows>;
  /** Some of them, with the fields that can be read of all of them; `unread` are the others. */
  common(ids: readonly number[]): Promise<PartialRows>;
}

export interface PartialRows {
  readonly rows: readonly OdooRow[];
  readonly unread: readonly string[];
}

export interface Dissected {
  /** In id order. */
  readonly rows: readonly OdooRow[];
  /** Fields that Odoo could not tell of some of them. */
  readonly partial: ReadonlyMap<number, readonly string[]>;
  readonly unreadable: readonly UnreadableRecord[];
}

/** When more poisoned records in one page than this are seen, the fault may be a field's. */
export const FAULTS_MOST = 20;

export interface DissectOptions {
  readonly budget: Budget;
  /** Told when there are more than {@link FAULTS_MOST} such records: throws where the page isn't to be read on. */
  readonly onMany: () => void;
}

/**
 * Reads a page that fails twice the same way, by halving it down to the records that Odoo can't read. Such a one is read with
 * its stored fields alone; where even these fail, its id and the reason are all that is kept of it. However many there are,
 * all others come: once the time for it is spent, those that are left are read together, without the fields that fail.
 *
 * @throws whatever else Odoo answers, as it is.
 */
export async function dissect(
  ids: readonly number[],
  readings: Readings,
  { budget, onMany }: DissectOptions,
): Promise<Dissected> {
  const rows: OdooRow[] = [];
  const partial = new Map<number, readonly string[]>();
  const unreadable: UnreadableRecord[] = [];
  const left: number[] = [];
  let faults = 0;
  const keep = ({ rows: found, unread }: PartialRows): void => {
    rows.push(...found);
    for (const { id } of found) partial.set(id as number, unread);
  };
  const alone = async (id: number, reason: string): Promise<void> => {
    faults++;
    if (faults === FAULTS_MOST + 1) onMany();
    try {
      keep(await readings.stored(id));
    } catch (error) {
      if (!isReadingFault(error)) throw error;
      unreadable.push({ odooId: id, reason });
    }
  };
  const read = async (some: readonly number[]): Promise<void> => {
    if (budget.isSpent()) {
      left.push(...some);
      return;
    }
    try {
      rows.push(...(await readings.full(some)));
    } catch (error) {
      if (!isReadingFault(error)) throw error;
      const [id] = some;
      if (some.length === 1 && id !== undefined) return alone(id, error.message);
      await halves(some);
    }
  };
  const halves = async (some: readonly number[]): Promise<void> => {
    const half = Math.ceil(some.length / 2);
    for (const part of [some.slice(0, half), some.slice(half)]) if (part.length > 0) await read(part);
  };
  return budget.during(async () => {
    await halves(ids);
    if (left.length > 0) keep(await readings.common(left));
    return { rows, partial, unreadable };
  });
}
