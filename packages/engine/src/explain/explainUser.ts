import {
  type DispatchStore,
  type EngineSettings,
  type ExplainStore,
  type InFlightTurn,
  inTime,
  type JobQueue,
  type JobState,
  MESSAGE_MOST,
  plainText,
} from '@odoo-sync/core';
import { explainPlan } from '../dispatch/explainPlan.js';
import { jobIdOfTurn } from '../dispatch/job.js';
import { ofTurns } from './ofTurns.js';
import { ofUser } from './ofUser.js';
import { sentencesOf } from './sentences.js';
import type { UserExplanation } from './userExplanation.js';
import { waitingOf } from './waiting.js';

const QUEUE_LIMIT_MS = 3_000;

/** What an explanation is read from. */
export interface Explain {
  readonly store: Pick<DispatchStore, 'snapshot'> & ExplainStore;
  /** Or why there is none, as where Redis could not be opened. */
  readonly jobQueue: Pick<JobQueue, 'state'> | { readonly away: string };
  readonly settings: EngineSettings;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

/**
 * Explains what `advance` would do with a user now, and why. It changes nothing, and a queue that is away only leaves out what it
 * would have said.
 * @param turns so many of its last turns. @returns null when there is no such user.
 */
export async function explainUser(
  explain: Explain,
  userKey: string,
  turns: number,
): Promise<UserExplanation | null> {
  const { store, settings } = explain;
  const snapshot = await store.snapshot(userKey);
  if (!snapshot) return null;
  const { now, user } = snapshot;
  const [leases, pastTurns, counted, jobs] = await Promise.all([
    store.leases(user),
    store.pastTurns(user, turns),
    store.waitingTurns(user, { now, skewMs: snapshot.plan.skewMs, dbSkewMs: snapshot.plan.dbSkewMs }),
    jobStates(explain, snapshot.inFlight),
  ]);
  const clean = (text: unknown): string => explain.redact(plainText(String(text), MESSAGE_MOST));
  const plan = explainPlan(snapshot, settings);
  const told = {
    ...ofUser(snapshot, clean),
    ...ofTurns(snapshot, plan, { settings, clean, jobs: typeof jobs === 'string' ? null : jobs }),
    waiting: waitingOf(snapshot, plan, counted),
    lanes: leases.map((lease) => ({ ...lease, expired: lease.expiresAt <= now })),
    queueAway: typeof jobs === 'string' ? clean(jobs) : null,
    pastTurns,
  };
  return { ...told, sentences: sentencesOf(told, plan) };
}

/** What the queue says of the jobs of turns, by the turns' ids; a text says why it can't be asked. */
async function jobStates(
  { jobQueue }: Explain,
  turns: readonly InFlightTurn[],
): Promise<ReadonlyMap<string, JobState> | string> {
  if ('away' in jobQueue) return jobQueue.away;
  try {
    const states = turns.map(async (turn) => [turn.turnId, await jobQueue.state(jobIdOfTurn(turn))] as const);
    return new Map(await inTime(QUEUE_LIMIT_MS, 'Redis', Promise.all(states)));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
