import {
  type Batch,
  batchIdOf,
  type ErrorRecord,
  type Lane,
  later,
  MODULE_NAMES,
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
  windowsToRead,
} from '@odoo-sync/core';

export const SUMMARY: TurnSummary = { end: 'succeeded', pages: 1, counts: null };
export const LATER = storeTime(Date.UTC(2200, 0, 1));
export const ERROR: ErrorRecord = { kind: 'odoo', message: 'no', at: storeTime(Date.UTC(2026, 2, 1)) };

/** How a tail ends that saw nothing. */
export const TAIL_END: TailEnd = {
  pauseMs: 1_000,
  waitMs: 0,
  changed: false,
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

/** Plan of windows from a user's first day on, all to be read. */
export const planOf = (user: User, days: number) => {
  const tiling = { range: user.rangeDays, from: firstDay(user), until: dayAfter(firstDay(user), days) };
  const toRead = windowsToRead(tiling.from, tiling.until, [], null);
  return { tiling, toRead, empty: [], surveyedAt: odooTime(user.connectedAt), records: null };
};

/** Makes the first windows of every module. */
export async function layWindows(store: TurnStore, user: User, days = 1): Promise<void> {
  const grant = await store.takeLanes(turnOf(user), MODULE_NAMES);
  if (!('lanes' in grant)) throw new Error(`the lanes are busy for ${grant.busyForMs} ms`);
  for (const lane of grant.lanes) await store.createWindows(lane, null, planOf(user, days));
  await grant.giveBack(new Map());
}

/** The batch of a window of contacts. @param day from the user's first on. */
export async function batchAt(store: TurnStore, user: User, day = 0): Promise<Batch> {
  const batch = await store.batch(batchIdOf(user.userKey, 'contacts', dayAfter(firstDay(user), day)));
  if (!batch) throw new Error(`there is no window ${day}`);
  return batch;
}

export async function stateOf(store: TurnStore, user: UserRef): Promise<SyncState> {
  const state = await store.syncState(user);
  if (!state) throw new Error(`${user.userKey} has no sync state`);
  return state;
}

/** The same window, released. */
export async function queuedBatch(store: TurnStore, user: User, day = 0): Promise<Batch> {
  const at = await store.now();
  return there(await store.batchEvent(await batchAt(store, user, day), { type: 'release', at }));
}

/** The same, started. */
export async function runningBatch(store: TurnStore, user: User, day = 0): Promise<Batch> {
  return there(await store.batchEvent(await queuedBatch(store, user, day), { type: 'start' }));
}

/** The same, failed for good, and due again at once. */
export async function failedBatch(store: TurnStore, user: User, day = 0): Promise<Batch> {
  const running = await runningBatch(store, user, day);
  const times = { retryAt: LATER, healAt: odooTime(running.startTime) };
  return there(await store.batchEvent(running, { type: 'fail', error: ERROR, ...times, final: true }));
}

/** The same, sealed with its records. */
export async function sealedBatch(
  store: TurnStore,
  user: User,
  records: readonly SourceRecord[] = [],
): Promise<Batch> {
  const batch = await runningBatch(store, user);
  const lane = await take(store, turnOf(user, batch._id), 'contacts');
  await store.commitBatch(scopeOf(user, lane), batch, { stream: streamOf(records), pass: PASS });
  await lane.giveBack(SUMMARY);
  return batchAt(store, user);
}

/** What an event, or a look-up, made of something. */
export function there<T>(found: T | null | undefined): T {
  if (found === null || found === undefined) throw new Error('it is not there, or was refused');
  return found;
}

export function record(odooId: number, hash = `h${odooId}`): SourceRecord {
  const writeDate = odooTime(Date.UTC(2026, 2, 1, 10));
  const fields = { id: odooId, name: `Record ${odooId}`, write_date: writeDate };
  return { odooId, writeDate, hash, fields };
}

export const streamOf = (records: readonly SourceRecord[]): RecordStream => ({
  records: records.length,
  bytes: records.length * 1_000,
  async *chunks(from) {
    if (from === 0 && records.length > 0) yield records.map((one) => ({ ...one, fields: { ...one.fields } }));
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
