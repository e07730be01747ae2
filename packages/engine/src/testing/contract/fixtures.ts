import {
  type ErrorRecord,
  type Lane,
  later,
  type ModuleName,
  type OdooTime,
  type OwnLane,
  odooTime,
  type PassResult,
  type RecordStream,
  rangeStartOf,
  type SourceRecord,
  type SyncState,
  storeTime,
  type TailEnd,
  type TurnRef,
  type TurnStore,
  type TurnSummary,
  tailIdOf,
  type User,
  type UserRef,
  WINDOW_MS,
  type WriteScope,
} from '@odoo-sync/core';
import { BSON } from 'bson';

export const SUMMARY: TurnSummary = { end: 'succeeded', pages: 1, counts: null };
export const LATER = storeTime(Date.UTC(2200, 0, 1));
export const ERROR: ErrorRecord = { kind: 'odoo', message: 'no', at: storeTime(Date.UTC(2026, 2, 1)) };

/** How a tail ends that saw nothing. */
export const TAIL_END: TailEnd = {
  pauseMs: 1_000,
  waitMs: 0,
  changed: false,
  quiet: false,
  error: null,
  passes: new Map(),
  odooNow: null,
  missed: [],
  clockOffMs: null,
};

/** A pass that seals its window. */
export const PASS: Omit<PassResult, 'counts'> = {
  readStartedAt: odooTime(Date.UTC(2026, 2, 2, 0, 30)),
  seals: true,
  sealDueAt: odooTime(Date.UTC(2026, 2, 2, 0, 15)),
  unreadable: [],
  pages: 2,
  durationMs: 40,
};

export const dayAfter = <T extends Date>(start: T, days = 1): T => later(start, days * WINDOW_MS);

/** Where a user's windows begin. */
export const firstDay = (user: User): OdooTime => odooTime(rangeStartOf(user) ?? user.connectedAt);

export const turnOf = ({ userKey, life }: UserRef, turnId = tailIdOf(userKey), release = 1): TurnRef => ({
  kind: turnId === tailIdOf(userKey) ? 'tail' : 'backfill',
  userKey,
  life,
  turnId,
  release,
});

/** Takes a lane that must be free. */
export async function take(store: TurnStore, turn: TurnRef, module: ModuleName): Promise<OwnLane> {
  const grant = await store.takeLane(turn, module);
  if (!('lane' in grant)) throw new Error(`the lane of ${module} is busy for ${grant.busyForMs} ms`);
  return grant.lane;
}

export async function stateOf(store: TurnStore, user: UserRef): Promise<SyncState> {
  const state = await store.syncState(user);
  if (!state) throw new Error(`${user.userKey} has no sync state`);
  return state;
}

/** What an event, or a look-up, made of something. */
export function there<T>(found: T | null | undefined): T {
  if (found === null || found === undefined) throw new Error('it is not there, or was refused');
  return found;
}

export function record(odooId: number, hash = `h${odooId}`): SourceRecord {
  const writeDate = odooTime(Date.UTC(2026, 2, 1, 10));
  const fields = { id: odooId, name: `Record ${odooId}`, write_date: writeDate };
  return { odooId, writeDate, hash, document: BSON.serialize(fields), fields };
}

export const streamOf = (records: readonly SourceRecord[]): RecordStream => ({
  records: records.length,
  bytes: records.length * 1_000,
  async *chunks(from) {
    if (from === 0 && records.length > 0) yield records;
  },
});

const FIELDS = [
  { name: 'id', type: 'integer' },
  { name: 'name', type: 'char' },
  { name: 'write_date', type: 'datetime' },
];

export const scopeOf = (user: User, lane: Lane): WriteScope => ({
  user,
  lane,
  module: lane.module,
  fields: { fields: FIELDS, dropped: [], version: 'v1' },
  retired: [],
  origin: 'the-turn',
});

/** Which of these records the mirror doesn't hold. */
export async function missing(
  store: TurnStore,
  user: User,
  records: readonly SourceRecord[],
): Promise<readonly number[]> {
  return (await store.differing(user, 'contacts', records)).map(({ odooId }) => odooId);
}
