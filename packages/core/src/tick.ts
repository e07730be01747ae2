import { advance } from './advance.js';
import { type Dispatch, jobIdOfTurn, jobOf } from './dispatch.js';

/** A user's look is a dozen waits for the store and hardly any work. */
const AT_ONCE = 64;
const PAGE = 256;

export interface TickReport {
  readonly users: number;
  readonly released: number;
  readonly faults: readonly { readonly userKey: string; readonly error: unknown }[];
}

/**
 * Hands out what is due. Its cost follows the users that are due, not those that exist. One user's fault is reported
 * and doesn't hold up the others.
 */
export async function tick(dispatch: Dispatch): Promise<TickReport> {
  const faults: { userKey: string; error: unknown }[] = [];
  let released = 0;
  const due = await dispatch.store.dueUsers(PAGE);
  const rest = [...due];
  const lane = async () => {
    for (let userKey = rest.shift(); userKey !== undefined; userKey = rest.shift()) {
      try {
        const more = await advance(dispatch, userKey);
        released += more;
      } catch (error) {
        faults.push({ userKey, error });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { users: due.length, released, faults };
}

/**
 * Gives every failed turn a failed job again where the queue has lost it (a flush, its own cleaning, a crash), so that
 * Bull Board always has something to press. The job runs, finds its turn failed, and fails at once with the stored error.
 *
 * @returns how many were put.
 */
export async function restoreFailedJobs({
  store,
  courier,
}: Pick<Dispatch, 'store' | 'courier'>): Promise<number> {
  let restored = 0;
  let after: string | null = null;
  for (;;) {
    const turns = await store.failedTurns(after, PAGE);
    for (const turn of turns) {
      const jobId = jobIdOfTurn(turn);
      const state = await courier.state(jobId);
      if (state !== 'absent' && state !== 'completed') continue;
      // A resync whose last window was read, but not all of the others, ended with a job that succeeded.
      if (state === 'completed') await courier.remove(jobId);
      await courier.add(jobOf(turn, 1));
      restored++;
    }
    const last = turns.at(-1);
    if (!last || turns.length < PAGE) return restored;
    after = last.doc;
  }
}
