import type { LightRow, ModuleState, OdooTime, UnreadableRecord } from '@odoo-sync/core';

const AGAIN_MS = 3_600_000;
const KEPT = 200;

type Known = ModuleState['unreadable'];

/**
 * Which rows a tail leaves alone: records that Odoo could not read within the last hour, and that have not been written
 * since. They differ from the mirror for ever, and finding one costs a dozen requests.
 */
export function leftAlone(known: Known, now: OdooTime): (row: LightRow) => boolean {
  const since = new Map(
    known.filter((one) => isFresh(one.at, now)).map((one) => [one.odooId, one.writeDate]),
  );
  return ({ odooId, writeDate }) => since.get(odooId)?.getTime() === writeDate.getTime();
}

const isFresh = (at: Date, now: OdooTime): boolean => now.getTime() - at.getTime() < AGAIN_MS;

/** What is known of unreadable records after a tail. @returns the same list where nothing changed. */
export function notedUnreadable(
  known: Known,
  found: readonly UnreadableRecord[],
  dates: ReadonlyMap<number, Date>,
  now: OdooTime,
): Known {
  const fresh = known.filter(({ at, odooId }) => isFresh(at, now) && !dates.has(odooId));
  if (found.length === 0 && fresh.length === known.length) return known;
  const noted = found.map(({ odooId, reason }) => ({
    odooId,
    reason,
    writeDate: dates.get(odooId) ?? now,
    at: now,
  }));
  return [...fresh, ...noted].slice(-KEPT);
}
