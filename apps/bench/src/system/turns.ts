import type { Db } from 'mongodb';

/** One holding of a lane, as the engine records it by the store's clock. */
export interface Turn {
  readonly userKey: string;
  readonly module: string;
  readonly kind: string;
  readonly takenAt: Date;
  readonly endedAt: Date;
  readonly pages: number;
  readonly counts: { readonly read: number; readonly inserted: number; readonly updated: number } | null;
}

/** Every recorded turn, in the order of their ends. */
export const turnsOf = (db: Db): Promise<Turn[]> =>
  db.collection('odoosyncturns').find<Turn>({}).sort({ endedAt: 1 }).toArray();

export interface Pass {
  readonly records: number;
  readonly windows: number;
  readonly pages: number;
  /** From the first lane taken to the last given back. */
  readonly ms: number;
  readonly recordsPerSecond: number;
}

/** What the turns of a kind came to, from the beginning of the first to the end of the last. */
export function passOf(turns: readonly Turn[], kind: string): Pass {
  const all = turns.filter((turn) => turn.kind === kind && (turn.counts?.read ?? 0) > 0);
  const ms =
    Math.max(...all.map(({ endedAt }) => endedAt.getTime())) -
    Math.min(...all.map(({ takenAt }) => takenAt.getTime()));
  const records = all.reduce((sum, { counts }) => sum + (counts?.read ?? 0), 0);
  return {
    records,
    windows: all.length,
    pages: all.reduce((sum, { pages }) => sum + pages, 0),
    ms,
    recordsPerSecond: (records / ms) * 1_000,
  };
}

/**
 * What the windows of one user that hold records took, by the clock: each from the end of the turn before it, so that
 * handing it out counts too, and a tail that found nothing between them.
 */
export function heldWindows(turns: readonly Turn[]): { readonly records: number; readonly ms: number } {
  let records = 0;
  let ms = 0;
  for (const [n, { counts, takenAt, endedAt }] of turns.entries()) {
    if (!counts?.read) continue;
    records += counts.read;
    ms += endedAt.getTime() - (turns[n - 1]?.endedAt ?? takenAt).getTime();
  }
  return { records, ms };
}
