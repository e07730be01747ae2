import { DEFAULT_SETTINGS, MODULE_NAMES } from '@odoo-sync/core';
import type { Db } from 'mongodb';
import { editRecords, editsOf, mirroredRecords } from '../load/edits.js';
import { type FilledLedger, startFollowed } from '../load/followedFleet.js';
import { quantile } from '../report/median.js';
import { numberText } from '../report/numberText.js';
import { startCpuMeter } from '../system/procfs.js';
import type { RedisUse } from '../system/redisUse.js';
import type { Servers } from '../system/servers.js';

const WORKERS = 2;
const DRAIN_LIMIT_MS = 30_000;
const MOST_EDITS = 600;
const EDITS_EACH = 8;
/** The fleet keeps up with its tails when hardly one of them waits for long: what it can't run piles up. */
const LATE_S = 5;
const MOST_LATE = 0.01;

export interface PhaseSize {
  readonly users: number;
  readonly active: number;
  /** Before anything is counted, from the first tail on. */
  readonly warmSeconds: number;
  readonly seconds: number;
}

/** What a fleet did for a while. */
export interface Phase extends PhaseSize {
  /** Tails that fall due in a second. */
  readonly demand: number;
  /** Tails that ended in a second. */
  readonly rate: number;
  readonly sustained: boolean;
  /** How long a tail that is due has waited, at the end, of all users, in seconds. */
  readonly lateness: Distribution;
  /** Since the last pass of a user's slowest module, at the end, in seconds. */
  readonly freshness: Distribution;
  /** CPU of each process, in words. */
  readonly cpu: string;
  /** CPU of all processes together, in cores. */
  readonly cores: number;
  /** From a change to the mirror, in milliseconds; none where they didn't all come. */
  readonly lags: readonly number[];
  readonly jobs: RedisUse;
}

export interface Distribution {
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
}

/** Tails that fall due in a second, with default settings. */
export const demandOf = (users: number, active: number): number =>
  (active / DEFAULT_SETTINGS.tailIntervalMs + (users - active) / DEFAULT_SETTINGS.tailQuietMs) * 1_000;

/** Runs a fleet as shipped on users who are caught up, and edits records of the active ones. */
export async function runPhase(servers: Servers, ledger: FilledLedger, size: PhaseSize): Promise<Phase> {
  const { db, simulator } = ledger;
  const { users, active } = size;
  const followed = await startFollowed(servers, ledger, { users, active, workers: WORKERS });
  try {
    const { fleet, from, jobs } = followed;
    await sleepUntil(from + size.warmSeconds * 1_000);
    const edited = new Set(ledger.keys.slice(0, active));
    const records = [...(await mirroredRecords(db))].filter(([, record]) => edited.has(record.db));
    const edits = editsOf(new Map(records), Math.min(MOST_EDITS, active * EDITS_EACH));
    const meter = await startCpuMeter({
      'worker 1': [fleet.workers[0]?.pid ?? 0],
      'worker 2': [fleet.workers[1]?.pid ?? 0],
      scheduler: [fleet.scheduler.pid],
      mongod: [servers.mongoPid],
      redis: [servers.redis.pid],
      simulator: [simulator.pid],
    });
    const before = await releasedTails(db);
    const began = new Date();
    const { lags, drain, close } = await editRecords(db, simulator.client, edits, edits.size / size.seconds);
    try {
      await sleepUntil(began.getTime() + size.seconds * 1_000);
      const ended = new Date();
      const ms = ended.getTime() - began.getTime();
      const used = Object.entries(await meter());
      const rate = (((await releasedTails(db)) - before) / ms) * 1_000;
      const states = await statesOf(db, ledger.keys.slice(0, users), ended);
      const late = states.filter(({ lateS }) => lateS > LATE_S).length;
      const sustained = late <= MOST_LATE * users;
      if (sustained) await drain(DRAIN_LIMIT_MS);
      return {
        ...size,
        demand: demandOf(users, active),
        rate,
        sustained,
        lateness: distribution(states.map(({ lateS }) => lateS)),
        freshness: distribution(states.map(({ behindS }) => behindS)),
        cpu: used.map(([name, cpu]) => `${name} ${Math.round((cpu / ms) * 100)} %`).join(', '),
        cores: used.reduce((sum, [, cpu]) => sum + cpu, 0) / ms,
        lags: sustained ? [...lags] : [],
        jobs,
      };
    } finally {
      await close();
    }
  } finally {
    await followed.end();
  }
}

/** A phase in one line. */
export const phaseText = (phase: Phase): string =>
  `${numberText(phase.users)} users, ${numberText(phase.active)} of them active: ${numberText(phase.rate)} tails/s of ${numberText(phase.demand)} that fall due${phase.sustained ? '' : ' (not sustained)'}; CPU ${phase.cpu}; at the end a due tail waits ${distributionText(phase.lateness)} s, the last pass is ${distributionText(phase.freshness)} s old`;

const distributionText = ({ p50, p95, most }: Distribution): string =>
  `${numberText(p50)} (median), ${numberText(p95)} (95 of 100), ${numberText(most)} (most)`;

/** A tail's end releases the next one. */
async function releasedTails(db: Db): Promise<number> {
  const releases = { $group: { _id: null, tails: { $sum: '$tail.release' } } };
  return (await db.collection('odoosyncplans').aggregate<{ tails: number }>([releases]).next())?.tails ?? 0;
}

interface TailState {
  readonly lateS: number;
  readonly behindS: number;
}

/** How far each user's tail is, at a moment. */
async function statesOf(db: Db, keys: readonly string[], at: Date): Promise<readonly TailState[]> {
  const since = (date: unknown) => ({ $divide: [{ $subtract: [at, date] }, 1_000] });
  const waits = { $and: [{ $eq: ['$tail.status', 'queued'] }, { $lt: ['$tail.dueAt', at] }] };
  return db
    .collection<{ _id: string }>('odoosyncplans')
    .aggregate<TailState>([
      { $match: { _id: { $in: [...keys] } } },
      {
        $project: {
          lateS: { $cond: [waits, since('$tail.dueAt'), 0] },
          behindS: {
            $max: [0, ...MODULE_NAMES.map((module) => since(`$modules.${module}.lastPass`))],
          },
        },
      },
    ])
    .toArray();
}

const distribution = (values: readonly number[]): Distribution => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  most: Math.max(...values),
});

const sleepUntil = (at: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())));
