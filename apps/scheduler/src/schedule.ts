import type { Store } from '@odoo-sync/core';
import { type Dispatch, restoreFailedJobs, tick } from '@odoo-sync/engine';
import type { Logger } from '@odoo-sync/runtime';
import type { TickMetrics } from './tickMetrics.js';

const SWEEP_MS = 60_000;

/** A tick with too much to do leaves the rest of the interval to the servers. */
const SHARE = 0.5;

/**
 * What one tick does: hands out what is due, for half an interval at most, goes a step on with the removal of users whose removal was begun and not
 * ended, and once a minute gives failed turns the jobs that the queue has lost.
 */
export function createSchedule(
  dispatch: Dispatch & { readonly store: Store },
  everyMs: number,
  metrics: TickMetrics,
  log: Logger,
  now: () => number = () => performance.now(),
): () => Promise<void> {
  let sweptAt = Number.NEGATIVE_INFINITY;
  const sweep = async () => {
    if (now() - sweptAt < SWEEP_MS) return;
    sweptAt = now();
    const restored = await restoreFailedJobs(dispatch);
    if (restored > 0) log.info({ restored }, 'failed jobs that the queue had lost were put again');
  };
  return async () => {
    const began = now();
    try {
      const { users, released, faults } = await tick(dispatch, () => now() - began < everyMs * SHARE);
      for (const { userKey, error } of faults)
        log.error({ user: userKey, err: error }, 'could not hand out turns');
      if (users > 0) log.debug({ users, released }, 'tick');
      metrics.failed(faults.length);
      metrics.failed(await goOnWithRemovals(dispatch.store, log));
      await sweep();
      metrics.ticked({ users, released, seconds: (now() - began) / 1_000 });
    } catch (error) {
      metrics.failed(1);
      throw error;
    }
  };
}

/** One bounded step for each user, since a tick keeps the fleet's next one waiting. @returns for how many that failed. */
async function goOnWithRemovals(store: Store, log: Logger): Promise<number> {
  let faults = 0;
  for (const user of await store.usersBeingRemoved()) {
    const { userKey } = user;
    try {
      // Again, in case the first time was interrupted between two lanes.
      await store.beginRemoval(user);
      log.info({ user: userKey, ...(await store.purgeStep(user)) }, 'purging');
    } catch (error) {
      // Somebody else has ended it since the list was made.
      if ((await store.user(userKey))?.life !== user.life) continue;
      faults++;
      log.error({ user: userKey, err: error }, 'could not go on with the removal of a user');
    }
  }
  return faults;
}
