import type { UnreadableRecord } from '@odoo-sync/core';
import { isReadingFault } from './classify.js';
import type { OdooRow } from './decode.js';
import type { RecordFault } from './recordFault.js';

/** How the records of a page that fails are read. Each throws what Odoo answers. */
export interface Readings {
  /** Some of the page's records, with every field. */
  full(ids: readonly number[]): Promise<readonly OdooRow[]>;
  /** One of them, with stored fields only; `unread` are the others. */
  stored(id: number): Promise<{ readonly rows: readonly OdooRow[]; readonly unread: readonly string[] }>;
}

export interface Dissected {
  /** In id order. */
  readonly rows: readonly OdooRow[];
  /** Fields that Odoo could not tell of some of them. */
  readonly partial: ReadonlyMap<number, readonly string[]>;
  readonly unreadable: readonly UnreadableRecord[];
}

/** More poisoned records in one page than this are no fault of records. */
const FAULTS_MOST = 20;

/** So many records of one page can't be read that the fault must be a field's, or the module's. */
export class PoisonedPageError extends Error {
  constructor(readonly fault: RecordFault) {
    super(`more than ${FAULTS_MOST} records of a page can't be read: ${fault.message}`);
  }
}

/**
 * Reads a page that fails twice the same way, by halving it down to the record that Odoo can't read. That one is read with
 * its stored fields alone; where even these fail, its id and the reason are all that is kept of it.
 *
 * @throws PoisonedPageError past twenty such records; whatever else Odoo answers, as it is.
 */
export async function dissect(
  ids: readonly number[],
  readings: Readings,
  fault: RecordFault,
): Promise<Dissected> {
  const rows: OdooRow[] = [];
  const partial = new Map<number, readonly string[]>();
  const unreadable: UnreadableRecord[] = [];
  let faults = 0;
  const alone = async (id: number, reason: string): Promise<void> => {
    faults++;
    if (faults > FAULTS_MOST) throw new PoisonedPageError(fault);
    try {
      const { rows: found, unread } = await readings.stored(id);
      rows.push(...found);
      if (found.length > 0) partial.set(id, unread);
    } catch (error) {
      if (!isReadingFault(error)) throw error;
      unreadable.push({ odooId: id, reason });
    }
  };
  const read = async (some: readonly number[]): Promise<void> => {
    try {
      rows.push(...(await readings.full(some)));
    } catch (error) {
      if (!isReadingFault(error)) throw error;
      const [id] = some;
      if (some.length === 1 && id !== undefined) return alone(id, error.message);
      const half = Math.ceil(some.length / 2);
      await read(some.slice(0, half));
      await read(some.slice(half));
    }
  };
  const half = Math.ceil(ids.length / 2);
  for (const some of [ids.slice(0, half), ids.slice(half)]) if (some.length > 0) await read(some);
  return { rows, partial, unreadable };
}
