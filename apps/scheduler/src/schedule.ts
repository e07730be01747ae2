import { type Dispatch, restoreFailedJobs, type Store, tick } from '@odoo-sync/core';
import type { Logger } from '@odoo-sync/runtime';

const SWEEP_MS = 60_000;

/**
 * What one tick does: hands out what is due, goes a step on with the removal of users whose removal was begun and not
 * ended, and once a minute gives failed turns the jobs that the queue has lost.
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
    await goOnWithRemovals(dispatch.store, log);
    if (now() - sweptAt < SWEEP_MS) return;
    sweptAt = now();
    const restored = await restoreFailedJobs(dispatch);
    if (restored > 0) log.info({ restored }, 'failed jobs that the queue had lost were put again');
  };
}

/** One bounded step for each user, since a tick keeps the fleet's next one waiting. */
async function goOnWithRemovals(store: Store, log: Logger): Promise<void> {
  for (const userKey of await store.usersBeingRemoved()) {
    try {
      // Again, in case the first time was interrupted between two lanes.
      await store.beginRemoval(userKey);
      log.info({ user: userKey, ...(await store.purgeStep(userKey)) }, 'purging');
    } catch (error) {
      log.error({ user: userKey, err: error }, 'could not go on with the removal of a user');
    }
  }
}
