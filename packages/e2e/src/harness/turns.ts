import type { Db } from 'mongodb';

/** One holding of a lane, as the engine recorded it by the store's clock. */
export interface RecordedTurn {
  readonly userKey: string;
  readonly module: string;
  readonly doc: string;
  readonly release: number;
  readonly kind: string;
  readonly token: number;
  readonly takenAt: Date;
  readonly endedAt: Date;
  readonly outcome: string;
}

/** Every recorded turn in the order of their beginnings. */
export const recordedTurns = (db: Db): Promise<RecordedTurn[]> =>
  db.collection('odoosyncturns').find<RecordedTurn>({}).sort({ takenAt: 1, endedAt: 1 }).toArray();

/** Pairs of turns with the same key that overlap in time, in words; the lanes of one tail are one turn. */
export function overlaps(
  turns: readonly RecordedTurn[],
  keyOf: (turn: RecordedTurn) => string,
): readonly string[] {
  const found: string[] = [];
  const last = new Map<string, RecordedTurn>();
  for (const turn of turns) {
    const key = keyOf(turn);
    const before = last.get(key);
    const other = before && (turn.doc !== before.doc || turn.release !== before.release);
    if (other && turn.takenAt < before.endedAt) found.push(`${key}: ${before.doc} and ${turn.doc}`);
    if (!before || turn.endedAt > before.endedAt) last.set(key, turn);
  }
  return found;
}
