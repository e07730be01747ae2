import type { NextTurn, PlanExplanation } from '../dispatch/explainPlan.js';
import type { ExplainedTurn, UserExplanation } from './userExplanation.js';
import { capital, ended, listOf, nameOf, spanOf, timeOf } from './words.js';

/** After so long a user that is due and not looked at is one whom nobody looks at. */
const LATE_MS = 10_000;

type Told = Omit<UserExplanation, 'sentences'>;

/** An explanation in plain sentences: how the user stands, what goes next, and why the rest waits. */
export const sentencesOf = (told: Told, plan: PlanExplanation): readonly string[] =>
  [
    standingOf(told),
    ...told.holds.map(({ why }) => capital(why)),
    ...paceAndClock(told),
    ...nextOf(told, plan),
    lookOf(told),
    ...turnsOf(told),
    ...waitingOf(told),
    ...(told.withoutHistory.length > 0
      ? [`No windows were made of ${listOf(told.withoutHistory)} yet: the next turn that comes there does it`]
      : []),
    ...told.unavailable.map(({ module, reason }) => `${capital(module)} is unavailable: ${reason}`),
    ...(told.queueAway === null ? [] : [`The queue could not be asked for its jobs: ${told.queueAway}`]),
  ].map(ended);

function standingOf({ standing, attention, userKey, at }: Told): string {
  switch (standing) {
    case 'active':
      return `${userKey} is active`;
    case 'removing':
      return `${userKey} is being removed: nothing of it is handed out any more`;
    case 'needs_attention': {
      const since = attention ? ` since ${timeOf(attention.at, at)}: ${attention.message}` : '';
      return `${userKey} needs attention${since}`;
    }
  }
}

function paceAndClock({ paceMs, callDelayMs, clock }: Told): readonly string[] {
  const { aheadMs, databaseAheadMs, fault } = clock;
  return [
    paceMs > 0 &&
      `Its Odoo was throttling lately: ${paceMs} ms pass between two pages, half of that after each good turn`,
    callDelayMs !== null && `At least ${callDelayMs} ms pass between two requests, as was set for it`,
    fault !== null && capital(fault),
    Math.abs(aheadMs) >= 1_000 &&
      `Its Odoo's clock is ${spanOf(aheadMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'} MongoDB's, which is allowed for`,
    databaseAheadMs >= 1_000 &&
      `The clock of its Odoo's database is ${spanOf(databaseAheadMs)} ahead of its Odoo's: windows are sealed so much later`,
  ].filter((line) => line !== false);
}

function nextOf({ next, standing }: Told, { newWindows }: PlanExplanation): readonly string[] {
  if (standing === 'removing') return [];
  const first = newWindows ? ['New windows have begun: a look makes them first, and then decides'] : [];
  return [...first, ...handingOut(next)];
}

/** What a look would hand out. */
export function handingOut(next: readonly NextTurn[]): readonly string[] {
  const named = (fate: NextTurn['fate']) => next.filter((turn) => turn.fate === fate).map(nameOf);
  const parts = [...verb('release', named('released')), ...verb('wake', named('woken'))];
  return [parts.length > 0 ? `A look now would ${listOf(parts)}` : 'A look now would hand out nothing'];
}

const verb = (word: string, turns: readonly string[]): readonly string[] =>
  turns.length > 0 ? [`${word} ${listOf(turns)}`] : [];

function lookOf({ nextTurnAt, thenAt, at }: Told): string {
  if (thenAt === null) return 'It is not looked at any more';
  const lateMs = at.getTime() - nextTurnAt.getTime();
  if (lateMs < 0) return `It is looked at next at ${timeOf(nextTurnAt, at)}, or when a turn of it ends`;
  const late = lateMs > LATE_MS ? ': see whether a scheduler runs' : ', by the next tick';
  return `It is due to be looked at since ${timeOf(nextTurnAt, at)}${late}`;
}

function turnsOf(told: Told): readonly string[] {
  const { tail, inFlight, at } = told;
  const others = inFlight.filter(({ kind }) => kind !== 'tail');
  return [
    ...(tail.fate === 'waits' && !inFlight.some(({ kind, job }) => kind === 'tail' && job === 'waiting')
      ? [`The tail waits: ${tail.why}`]
      : []),
    ...inFlight
      .filter(({ job }) => job === 'waiting')
      .map((turn) => `${capital(nameOfOut(turn))} is in the queue: the next free worker runs it`),
    ...(tail.deaths > 0
      ? [`Workers died over the tail: ${tail.deaths === 1 ? 'once' : `${tail.deaths} times in a row`}`]
      : []),
    ...(tail.missed.length > 0 ? [`The last tail found the lanes of ${listOf(tail.missed)} taken`] : []),
    ...(tail.lastError
      ? [`The last tail failed at ${timeOf(tail.lastError.at, at)}: ${tail.lastError.message}`]
      : []),
    ...inFlight.filter(({ fate }) => fate === 'runs').map((turn) => runningOf(told, turn)),
    ...others.flatMap((turn) =>
      turn.fate === 'waits' && turn.job !== 'waiting'
        ? [`${capital(nameOfOut(turn))} is out and waits: ${turn.why}`]
        : [],
    ),
    ...inFlight.flatMap((turn) =>
      turn.remedy === null ? [] : [`${capital(nameOfOut(turn))}: ${turn.remedy}`],
    ),
  ];
}

const nameOfOut = (turn: ExplainedTurn): string => nameOf({ ...turn, startTime: turn.windowStart });

function runningOf({ lanes, at }: Told, turn: ExplainedTurn): string {
  const name = capital(nameOfOut(turn));
  const lease = lanes.find(({ holder }) => holder.turnId === turn.turnId && holder.release === turn.release);
  if (!lease)
    return `${name} runs by the ledger, but holds no lane: it begins or ends just now, or its worker died`;
  const since = lease.takenAt ? ` since ${timeOf(lease.takenAt, at)}` : '';
  if (!lease.expired) return `${name} runs${since}`;
  return `${name} ran${since}, and its worker died or is cut off: its lease ran out at ${timeOf(lease.expiresAt, at)}`;
}

const waitingOf = ({ waiting, at }: Told): readonly string[] =>
  waiting.map(({ kind, module, due, later, nextDueAt, fate, reason, why }) => {
    const first = nextDueAt ? `, the first at ${timeOf(nextDueAt, at)}` : '';
    const counted = listOf([
      ...(due > 0 ? [`${due} due`] : []),
      ...(later > 0 ? [`${later} due later${first}`] : []),
    ]);
    const what = `${capital(kind)} of ${module}: ${counted}`;
    if (reason === 'notDue') return what;
    return fate === 'waits' ? `${what}; ${why}` : `${what}; the oldest goes now`;
  });
