import {
  type Candidate,
  type EngineSettings,
  explainTurns,
  type Fate,
  type InFlightTurn,
  type ModuleName,
  type PlanSnapshot,
  type StoreTime,
  type TurnKind,
  tailIdOf,
  type WaitReason,
} from '@odoo-sync/core';
import { hasNewWindows, heldNow, planViewOf } from './planView.js';
import { isOverdue } from './repair.js';

/** Why a turn doesn't go, beside what the planner itself says. */
export type TurnReason =
  | WaitReason
  /** Nothing of the user is due before. */
  | { readonly type: 'held'; readonly until: StoreTime }
  /** The user is being removed. */
  | { readonly type: 'removing' };

/** A turn that is handed out. */
export interface NextTurn {
  readonly fate: 'released' | 'woken';
  readonly kind: TurnKind;
  readonly module: ModuleName | null;
  readonly startTime: Date | null;
  readonly turnId: string;
}

/** What a look at a user would do, and why. */
export interface PlanExplanation {
  /** What would be handed out. */
  readonly next: readonly NextTurn[];
  /** When the user would be looked at again afterwards; null for one who is never. */
  readonly nextTurnAt: StoreTime | null;
  readonly tail: Fate<TurnReason>;
  /** Of the other turns that are out, by their ids. */
  readonly inFlight: ReadonlyMap<string, Fate<TurnReason>>;
  /** By their ids. */
  readonly candidates: ReadonlyMap<string, Fate<TurnReason>>;
  /** Windows that have begun are made first, and may go instead. */
  readonly newWindows: boolean;
  /** Turns whose jobs are looked for first, by their ids: they have been out for long. */
  readonly overdue: readonly string[];
}

/** What `advance` would do with a snapshot, told by the code that does it. Changes nothing. */
export function explainPlan(snapshot: PlanSnapshot, settings: EngineSettings): PlanExplanation {
  if (snapshot.user.standing === 'removing') return whileRemoved(snapshot);
  const { plan, tail, inFlight, candidates } = explainTurns(planViewOf(snapshot, settings));
  const holdUntil = heldNow(snapshot);
  const readyAt = new Map(snapshot.inFlight.map((turn) => [turn.turnId, turn.readyAt]));
  const held = (fate: Fate, ownTime: StoreTime | undefined): Fate<TurnReason> =>
    isHeld(fate, ownTime, holdUntil) ? { type: 'waits', reason: { type: 'held', until: holdUntil } } : fate;
  return {
    next: [
      ...(plan.releaseTail ? [tailOf(snapshot)] : []),
      ...plan.wake.map((turn) => nextOf('woken', turn)),
      ...plan.release.map((turn) => nextOf('released', turn)),
    ],
    nextTurnAt: plan.nextTurnAt,
    tail: held(tail, snapshot.plan.tail.dueAt),
    inFlight: new Map([...inFlight].map(([turnId, fate]) => [turnId, held(fate, readyAt.get(turnId))])),
    candidates: holdUntil ? everyOne(snapshot.candidates, { type: 'held', until: holdUntil }) : candidates,
    newWindows: hasNewWindows(snapshot),
    overdue: snapshot.inFlight
      .filter((turn) => isOverdue(turn, snapshot, settings))
      .map(({ turnId }) => turnId),
  };
}

/** Whether it is the hold that a turn waits for, and not its own time. */
const isHeld = (
  fate: Fate,
  ownTime: StoreTime | undefined,
  holdUntil: StoreTime | null,
): holdUntil is StoreTime =>
  holdUntil !== null &&
  fate.type === 'waits' &&
  fate.reason.type === 'notDue' &&
  (ownTime === undefined || ownTime < holdUntil);

function whileRemoved(snapshot: PlanSnapshot): PlanExplanation {
  const others = snapshot.inFlight.filter(({ kind }) => kind !== 'tail');
  return {
    next: [],
    nextTurnAt: null,
    tail: { type: 'waits', reason: { type: 'removing' } },
    inFlight: everyOne(others, { type: 'removing' }),
    candidates: everyOne(snapshot.candidates, { type: 'removing' }),
    newWindows: false,
    overdue: [],
  };
}

const everyOne = (
  turns: readonly { readonly turnId: string }[],
  reason: TurnReason,
): ReadonlyMap<string, Fate<TurnReason>> =>
  new Map(turns.map(({ turnId }) => [turnId, { type: 'waits', reason }]));

const nextOf = (fate: NextTurn['fate'], turn: InFlightTurn | Candidate): NextTurn => {
  const { kind, module, startTime, turnId } = turn;
  return { fate, kind, module, startTime, turnId };
};

const tailOf = ({ user }: PlanSnapshot): NextTurn => ({
  fate: 'released',
  kind: 'tail',
  module: null,
  startTime: null,
  turnId: tailIdOf(user.userKey),
});
