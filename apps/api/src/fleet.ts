import { queueCounts } from '@odoo-sync/queue';
import { inTime } from '@odoo-sync/runtime/monitor';
import { z } from 'zod';
import type { Services } from './services.js';
import { TIME, USER_VIEW, type UserView, viewUser } from './views.js';

const REDIS_LIMIT_MS = 2_000;
const COUNT = z.int().min(0);

const QUEUE = z.object({
  waiting: COUNT,
  active: COUNT,
  delayed: COUNT,
  completed: COUNT,
  failed: COUNT,
  paused: z.boolean().describe('paused in Bull Board: nothing is taken until it is resumed there'),
});

export const FLEET = z.object({
  at: TIME,
  queue: QUEUE.nullable().describe('jobs of turns in each state; null while Redis is away'),
  notes: z.array(z.string()).describe('what an operator should know'),
  totals: z.object({
    users: COUNT,
    caughtUp: COUNT,
    needAttention: COUNT,
    windows: z.object({ total: COUNT, done: COUNT, failed: COUNT }),
    records: COUNT,
    openResyncs: COUNT,
    failedResyncs: COUNT,
  }),
  users: z.array(USER_VIEW),
});
export type Fleet = z.infer<typeof FLEET>;

/** The whole fleet at one time. @throws while MongoDB is away: without the ledger there is nothing to say. */
export async function readFleet(services: Services): Promise<Fleet> {
  const [reports, queue] = await Promise.all([services.store.reports(), readQueue(services)]);
  const users = reports.map(viewUser);
  const notes: string[] = [];
  if (!queue)
    notes.push(
      `Redis at ${services.connection.name} does not answer: no turn runs until it is back, and nothing is lost`,
    );
  if (queue?.paused)
    notes.push('the queue is paused: no turn starts until somebody presses Resume in Bull Board');
  return { at: new Date().toISOString(), queue, notes, totals: totalsOf(users), users };
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

function totalsOf(users: readonly UserView[]): Fleet['totals'] {
  const modules = users.flatMap((user) => user.modules);
  const resyncs = users.flatMap((user) => user.resyncs);
  const sum = (pick: (module: UserView['modules'][number]) => number) =>
    modules.reduce((total, module) => total + pick(module), 0);
  return {
    users: users.length,
    caughtUp: users.filter(({ caughtUp }) => caughtUp).length,
    needAttention: users.filter(({ standing }) => standing === 'needs_attention').length,
    windows: {
      total: sum(({ windows }) => windows.total),
      done: sum(({ windows }) => windows.done),
      failed: sum(({ windows }) => windows.failed),
    },
    records: sum(({ records }) => records),
    openResyncs: resyncs.filter(({ status }) => status !== 'failed').length,
    failedResyncs: resyncs.filter(({ status }) => status === 'failed').length,
  };
}
