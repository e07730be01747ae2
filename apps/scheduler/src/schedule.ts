import { type Dispatch, restoreFailedJobs, type Store, tick } from '@odoo-sync/core';
import type { Logger } from '@odoo-sync/runtime';

const SWEEP_MS = 60_000;

/**
 * What one tick does: hands out what is due, once a minute gives failed turns the jobs that the queue has lost, and goes
 * on with the removal of users whose removal was begun and not ended.
 */
export function createSchedule(
  dispatch: Dispatch & { readonly store: Store },
  log: Logger,
  now: () => number = () => performance.now(),
): () => Promise<void> {
  let sweptAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const { users, released, faults } = await tick(dispatch);
    for (const { userKey, error } of faults)
      log.error({ user: userKey, err: error }, 'could not hand out turns');
    if (users > 0) log.debug({ users, released }, 'tick');
    if (now() - sweptAt < SWEEP_MS) return;
    sweptAt = now();
    const restored = await restoreFailedJobs(dispatch);
    if (restored > 0) log.info({ restored }, 'failed jobs that the queue had lost were put again');
    await goOnWithRemovals(dispatch.store, log);
  };
}

async function goOnWithRemovals(store: Store, log: Logger): Promise<void> {
  for (const userKey of await store.usersBeingRemoved()) {
    // Again, in case the first time was interrupted between two lanes.
    await store.beginRemoval(userKey);
    for (let done = false; !done; ) {
      const step = await store.purgeStep(userKey);
      log.info({ user: userKey, ...step }, 'purging');
      done = step.done;
    }
  }
}
