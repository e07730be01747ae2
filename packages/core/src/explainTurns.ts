import { type Decision, decideTurns, type Plan, type PlanView } from './planner.js';
import type { StoreTime } from './time.js';
import type { Candidate, InFlightTurn } from './turns.js';

/** Why a turn doesn't go now. */
export type WaitReason =
  /** Every place of the user is taken. */
  | { readonly type: 'noPlace' }
  /** Another turn has its lane, or is given it now. Null: the tail. */
  | { readonly type: 'laneTaken'; readonly by: string | null }
  | { readonly type: 'notDue'; readonly until: StoreTime }
  /** It is the tail, and went last: what else waits goes first. */
  | { readonly type: 'othersFirst' };

/** What a plan makes of a turn. */
export type Fate<Reason = WaitReason> =
  | { readonly type: 'runs' | 'released' | 'woken' }
  | { readonly type: 'waits'; readonly reason: Reason };

/** A plan, and what it makes of each turn that it was shown. */
export interface ExplainedPlan {
  readonly plan: Plan;
  readonly tail: Fate;
  /** Of the other turns that are out, by their ids. */
  readonly inFlight: ReadonlyMap<string, Fate>;
  /** By their ids. */
  readonly candidates: ReadonlyMap<string, Fate>;
}

/** The plan that `planTurns` makes, with the reason why each turn waits that doesn't go: told from the steps by which it was made. */
export function explainTurns(view: PlanView): ExplainedPlan {
  const decision = decideTurns(view);
  const { plan } = decision;
  const others = view.inFlight.filter(({ kind }) => kind !== 'tail');
  return {
    plan,
    tail: fateOfTail(view, decision),
    inFlight: new Map(others.map((turn) => [turn.turnId, fateOfTurn(view, plan, turn)])),
    candidates: new Map(view.candidates.map((turn) => [turn.turnId, fateOfCandidate(decision, turn)])),
  };
}

const waits = (reason: WaitReason): Fate => ({ type: 'waits', reason });

function fateOfTail({ tail }: PlanView, { plan, freePlaces, tailDue, tailFirst }: Decision): Fate {
  if (tail.status === 'running') return { type: 'runs' };
  if (plan.releaseTail) return { type: 'released' };
  if (plan.wake.some(({ kind }) => kind === 'tail')) return { type: 'woken' };
  if (!tailDue) return waits({ type: 'notDue', until: tail.dueAt });
  return waits({ type: tailFirst || freePlaces <= 0 ? 'noPlace' : 'othersFirst' });
}

function fateOfTurn({ now }: PlanView, { wake }: Plan, turn: InFlightTurn): Fate {
  if (turn.status === 'running') return { type: 'runs' };
  if (wake.includes(turn)) return { type: 'woken' };
  return waits(turn.readyAt > now ? { type: 'notDue', until: turn.readyAt } : { type: 'noPlace' });
}

function fateOfCandidate({ plan, lanes }: Decision, turn: Candidate): Fate {
  if (plan.release.includes(turn)) return { type: 'released' };
  const by = lanes.get(turn.module);
  return waits(by === undefined ? { type: 'noPlace' } : { type: 'laneTaken', by });
}
