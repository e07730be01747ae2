import { type FleetFigures, inTime, readUserPage } from '@odoo-sync/core';
import { queueCounts } from '@odoo-sync/queue';
import { z } from 'zod';
import type { Services } from './context.js';
import { TIME, USER_VIEW, viewUser } from './views.js';

const REDIS_LIMIT_MS = 2_000;
const PAGE = 50;
const PAGE_MAX = 500;
const COUNT = z.int().min(0);

export const FLEET_PAGE = z.strictObject({
  after: z.string().min(1).optional().describe('the key that the page follows: `next` of the page before'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE).describe('users on a page'),
});
export type FleetPage = z.infer<typeof FLEET_PAGE>;

const QUEUE = z.object({
  waiting: COUNT,
  active: COUNT,
  delayed: COUNT,
  completed: COUNT,
  failed: COUNT,
  paused: z.boolean().describe('paused in Bull Board: nothing is taken until it is resumed there'),
});

const TOTALS = z.object({
  users: COUNT,
  needAttention: COUNT,
  backfilled: COUNT.describe('active users of whose windows each was read at least once'),
  windowsLeft: COUNT.describe('never read yet, of those made so far'),
  failedWindows: COUNT,
  openResyncs: COUNT,
  failedResyncs: COUNT,
  documents: COUNT.describe('in the collections that the modules are mirrored into, about'),
});

export const FLEET = z.object({
  at: TIME,
  queue: QUEUE.nullable().describe('jobs of turns in each state; null while Redis is away'),
  notes: z.array(z.string()).describe('what an operator should know'),
  totals: TOTALS.nullable().describe('of all users, a little old; null while they can not be counted'),
  inTrouble: z.array(z.string()).describe('keys of users whom somebody should look at, a hundred at most'),
  users: z.array(USER_VIEW).describe('a page of users, by their keys'),
  next: z.string().nullable().describe('`after` of the next page; null on the last'),
});
export type Fleet = z.infer<typeof FLEET>;

/** The fleet and a page of its users. @throws while MongoDB is away: without the ledger there is nothing to say. */
export async function readFleet(services: Services, page: FleetPage): Promise<Fleet> {
  const [{ users, untold, next }, queue] = await Promise.all([
    readUsers(services, page),
    readQueue(services),
  ]);
  const figures = await services.figures();
  const notes: string[] = [];
  if (!queue)
    notes.push(
      `Redis at ${services.connection.name} does not answer: no turn runs until it is back, and nothing is lost`,
    );
  if (queue?.paused)
    notes.push('the queue is paused: no turn starts until somebody presses Resume in Bull Board');
  if (untold.length > 0)
    notes.push(`the log of the API says why nothing can be shown of ${untold.join(', ')}`);
  return {
    at: new Date().toISOString(),
    queue,
    notes,
    totals: figures && totalsOf(figures),
    inTrouble: [...(figures?.inTrouble ?? [])],
    users,
    next,
  };
}

/** Users by their keys, as a page shows them. One who can't be shown, whatever the ledger holds of it, fails no page. */
export async function readReports(
  { store, log }: Services,
  userKeys: readonly string[],
): Promise<Fleet['users']> {
  return (await store.reports(userKeys)).flatMap((report) => {
    try {
      return [USER_VIEW.parse(viewUser(report))];
    } catch (err) {
      log.error({ user: report.user.userKey, err }, 'a user can not be shown');
      return [];
    }
  });
}

interface UserRows extends Pick<Fleet, 'users' | 'next'> {
  /** Keys of users of this page who can't be shown. */
  readonly untold: readonly string[];
}

async function readUsers(services: Services, page: FleetPage): Promise<UserRows> {
  const { users: found, next } = await readUserPage(services.store, page);
  const keys = found.map(({ userKey }) => userKey);
  const users = await readReports(services, keys);
  const shown = new Set(users.map(({ userKey }) => userKey));
  return { users, untold: keys.filter((key) => !shown.has(key)), next };
}

async function readQueue({ turns, log }: Services): Promise<Fleet['queue']> {
  try {
    const read = Promise.all([queueCounts(turns), turns.isPaused()]);
    const [counts, paused] = await inTime(REDIS_LIMIT_MS, 'Redis', read);
    return { ...counts, paused };
  } catch (error) {
    log.debug({ err: error }, 'the queue was not counted');
    return null;
  }
}

function totalsOf(figures: FleetFigures): NonNullable<Fleet['totals']> {
  const { users, windowsLeft, failedBatches, openResyncs, failedResyncs, documents } = figures;
  return {
    users: users.active + users.needs_attention + users.removing,
    needAttention: users.needs_attention,
    backfilled: windowsLeft.find(({ value }) => value === 0)?.users ?? 0,
    windowsLeft: windowsLeft.reduce((sum, { value, users: count }) => sum + value * count, 0),
    failedWindows: Object.values(failedBatches).reduce((sum, count) => sum + count, 0),
    openResyncs,
    failedResyncs,
    documents,
  };
}
