import {
  type Batch,
  batchIdOf,
  MODULE_NAMES,
  odooTime,
  type SourceRecord,
  type TurnStore,
  type User,
  windowsToRead,
} from '@odoo-sync/core';
import {
  dayAfter,
  ERROR,
  firstDay,
  LATER,
  PASS,
  SUMMARY,
  scopeOf,
  streamOf,
  take,
  there,
  turnOf,
} from './fixtures.js';

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

/** The same, read too early to be sealed: that is due at a moment. */
export async function openBatch(store: TurnStore, user: User, dueAt: Date, day = 0): Promise<Batch> {
  const batch = await runningBatch(store, user, day);
  const lane = await take(store, turnOf(user, batch._id), 'contacts');
  const pass = { ...PASS, seals: false, sealDueAt: odooTime(dueAt) };
  await store.commitBatch(scopeOf(user, lane), batch, { stream: streamOf([]), pass });
  await lane.giveBack(SUMMARY);
  return batchAt(store, user, day);
}
