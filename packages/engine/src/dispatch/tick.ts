import { inTime, type PlanSnapshot } from '@odoo-sync/core';
import { advance } from './advance.js';
import type { Dispatch } from './job.js';

/** A user is some waits for the store and hardly any work. */
const AT_ONCE = 64;
/** So many are looked at in one question: enough to save its price, few enough to be answered at several places at once. */
const SNAPSHOT_BATCH = 8;
const PAGE = 256;
/** No look lasts longer. */
const USER_LIMIT_MS = 30_000;
/** Long enough that whoever else is due comes first, short enough that a blip of MongoDB or Redis delays nobody. */
const ASIDE_MS = 10_000;

const NONE: ReadonlyMap<string, PlanSnapshot> = new Map();

export interface TickReport {
  readonly users: number;
  readonly released: number;
  readonly faults: readonly { readonly userKey: string; readonly error: unknown }[];
}

/**
 * Hands out what is due. Its cost follows the users that are due, not those that exist. One user's fault is reported, and the
 * user set aside for a while: however many can't be looked at, the others have their turns.
 *
 * @param goOn asked when more users may be due than were looked at, as after a loss of Redis.
 */
export async function tick(dispatch: Dispatch, goOn: () => boolean = () => false): Promise<TickReport> {
  const looked = new Set<string>();
  const faults: TickReport['faults'][number][] = [];
  let released = 0;
  for (;;) {
    const due = await dispatch.store.dueUsers(PAGE);
    const fresh = due.filter((userKey) => !looked.has(userKey));
    for (const userKey of fresh) looked.add(userKey);
    const page = await lookAt(dispatch, fresh);
    if (page.aside.length > 0) await dispatch.store.setAside(page.aside, ASIDE_MS);
    faults.push(...page.faults);
    released += page.released;
    if (due.length < PAGE || fresh.length === 0 || !goOn()) return { users: looked.size, released, faults };
  }
}

async function lookAt(
  dispatch: Dispatch,
  users: readonly string[],
): Promise<Pick<TickReport, 'released' | 'faults'> & { readonly aside: readonly string[] }> {
  const faults: TickReport['faults'][number][] = [];
  const aside: string[] = [];
  let released = 0;
  const each = async (userKey: string, seen: Promise<ReadonlyMap<string, PlanSnapshot>>) => {
    try {
      const look = (await seen).get(userKey);
      // What is late goes on: a release is whole or nothing.
      released += await inTime(USER_LIMIT_MS, 'a look at a user', advance(dispatch, userKey, look));
      // A plan without a user is due for ever.
      if (!look) aside.push(userKey);
    } catch (error) {
      faults.push({ userKey, error });
      aside.push(userKey);
    }
  };
  const rest = [...users];
  const lane = async () => {
    while (rest.length > 0) {
      const some = rest.splice(0, SNAPSHOT_BATCH);
      // What it meets is met again by the user whose it is, alone.
      const seen = dispatch.store.snapshots(some).catch(() => NONE);
      await Promise.all(some.map((userKey) => each(userKey, seen)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE / SNAPSHOT_BATCH }, lane));
  return { released, faults, aside };
}
