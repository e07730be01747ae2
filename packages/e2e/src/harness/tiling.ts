import type { World } from './world.js';

const DAY_MS = 86_400_000;
const SETTLE_MS = 900_000;
/** Around the moment at which a window becomes sealable, both states are right. */
const GRAIN_MS = 15_000;
const MODULES = 4;

/**
 * What is wrong with the windows of a user who is caught up: they must tile from the first day to today without gap or
 * overlap, those that can be sealed must be `succeeded`, the others `open`. Empty when all is well, at any time of day.
 */
export async function faultyWindows(world: World, userKey: string): Promise<readonly string[]> {
  const user = await world.store.user(userKey);
  if (!user) throw new Error(`there is no user ${userKey}`);
  const now = Date.parse((await world.simulator.call('clock')).now);
  const batches = await world.db
    .collection('odoosyncbatches')
    .find({ userKey, release: { $exists: true } })
    .sort({ module: 1, startTime: 1 })
    .toArray();
  const faults: string[] = [];
  const first =
    user.rangeDays === 'all'
      ? null
      : new Date(Math.floor((user.connectedAt.getTime() - user.rangeDays * DAY_MS) / DAY_MS) * DAY_MS);
  const tomorrow = Math.floor(now / DAY_MS) * DAY_MS + DAY_MS;
  if (new Set(batches.map(({ module }) => module)).size !== MODULES)
    faults.push(`windows of ${MODULES} modules are expected`);
  for (const [n, batch] of batches.entries()) {
    const [before, after] = [batches[n - 1], batches[n + 1]];
    const start = before?.module === batch.module ? before?.endTime : (first ?? batch.startTime);
    if (batch.startTime.getTime() !== start.getTime())
      faults.push(`${batch._id} starts at ${batch.startTime.toISOString()}, expected ${start.toISOString()}`);
    if (after?.module !== batch.module && batch.endTime.getTime() !== tomorrow)
      faults.push(`${batch._id} is the last of its module and ends at ${batch.endTime.toISOString()}`);
    const days = (batch.endTime.getTime() - batch.startTime.getTime()) / DAY_MS;
    if (batch.sealedBy === 'survey' ? days < 1 || days % 1 !== 0 || batch.counts.read !== 0 : days !== 1)
      faults.push(`${batch._id} is ${days} days long`);
    const overdueMs = now - batch.endTime.getTime() - SETTLE_MS;
    const expected = overdueMs > 0 ? 'succeeded' : 'open';
    if (batch.status !== expected && Math.abs(overdueMs) > GRAIN_MS)
      faults.push(`${batch._id} is ${batch.status}, expected ${expected}`);
  }
  return faults;
}
