import { MODULE_NAMES, type ModuleName } from './modules.js';
import { type StoreTime, storeTime } from './time.js';
import { type Candidate, type InFlightTurn, ROUND_KINDS, type Rota } from './turns.js';

/**
 * The planner says which of one user's turns is next. It is pure: the same view gives the same plan.
 *
 * A user has `userConcurrency` places. A turn that runs, or that is queued and ready, holds one; one that waits out a
 * backoff, or a tail that isn't due, holds none. A due tail goes first, unless a tail went last and something else
 * waits: then that goes first, so that a tail slower than its interval starves nobody. A turn that is ready but whose
 * job sleeps (it met a taken lane) is woken. While others wait, a tail that will be due in a moment (`tailEarlyMs`) counts as
 * due: it would else wait for the end of a window that began just before it. Where there are several places, windows of a
 * module can follow each other beside its user's tails: a lane that the last tail found taken is the tail's when it falls
 * free, and no window is released into it before. Then resync, seal and backfill go round, modules alternate within a kind,
 * and the oldest window goes first.
 */
export interface PlanView {
  /** The store's clock. */
  readonly now: StoreTime;
  readonly userConcurrency: number;
  /** The tail, whatever its status. */
  readonly tail: {
    readonly status: 'idle' | 'queued' | 'running';
    readonly dueAt: StoreTime;
    /** Modules whose lanes the last one found taken, and that it is time to pass. */
    readonly missed: readonly ModuleName[];
  };
  /** Every turn that is out; the tail too when it is queued or running. */
  readonly inFlight: readonly InFlightTurn[];
  /** Turns that are due, oldest first within a kind and module. Empty while the user needs attention. */
  readonly candidates: readonly Candidate[];
  /** When the next turn that isn't due yet will be, by the store's clock. */
  readonly nextDueAt: StoreTime | null;
  readonly rota: Rota;
  /** So much before its time a tail goes rather than have it wait for another turn's end, in milliseconds. */
  readonly tailEarlyMs: number;
  /** How long a turn may stay out before the ledger looks whether its job still exists, in milliseconds. */
  readonly repairMs: number;
}

export interface Plan {
  readonly releaseTail: boolean;
  readonly release: readonly Candidate[];
  /** Ready turns whose jobs may be asleep. */
  readonly wake: readonly InFlightTurn[];
  readonly rota: Rota;
  /** When this user must be looked at again, if nothing happens before. */
  readonly nextTurnAt: StoreTime;
  /** Until when nothing but tails is to be done for the user; null where something waits or runs. */
  readonly idleUntil: StoreTime | null;
}

/** A plan with what it was made by. */
export interface Decision {
  readonly plan: Plan;
  /** Who has each lane that isn't free, or is given it by this plan; null: the tail. */
  readonly lanes: ReadonlyMap<ModuleName, string | null>;
  /** Places that weren't taken by running turns. */
  readonly freePlaces: number;
  readonly tailDue: boolean;
  readonly tailFirst: boolean;
}

const LOOK_MOST_MS = 300_000;

/** Which turns to release or wake now, and when to look again. */
export const planTurns = (view: PlanView): Plan => decideTurns(view).plan;

/** The same, with what the plan was made by; explainTurns.ts tells it turn by turn. */
export function decideTurns(view: PlanView): Decision {
  const isReady = (turn: InFlightTurn) => turn.status === 'queued' && turn.readyAt <= view.now;
  const running = view.inFlight.filter((turn) => turn.status === 'running');
  const ready = view.inFlight.filter((turn) => isReady(turn) && turn.kind !== 'tail');
  const queuedTail = view.inFlight.find((turn) => turn.status === 'queued' && turn.kind === 'tail');
  const busyLanes = new Map<ModuleName, string | null>();
  for (const { module, turnId } of running) if (module) busyLanes.set(module, turnId);

  const wake: InFlightTurn[] = [];
  const release: Candidate[] = [];
  let releaseTail = false;
  let rota = view.rota;
  const freePlaces = view.userConcurrency - running.length;
  let places = freePlaces;

  const runTail = () => {
    if (queuedTail) wake.push(queuedTail);
    else releaseTail = true;
    rota = { ...rota, tailWasLast: true };
    places--;
  };
  const othersWait = ready.length > 0 || view.candidates.some((turn) => !busyLanes.has(turn.module));
  const tailDueMs = view.tail.dueAt.getTime() - view.now.getTime();
  const missed = view.tail.missed.filter((module) => !busyLanes.has(module));
  const inTime = tailDueMs <= (othersWait ? view.tailEarlyMs : 0);
  const tailDue = view.tail.status !== 'running' && (inTime || missed.length > 0);
  const tailFirst = tailDue && (missed.length > 0 || !(rota.tailWasLast && othersWait));
  const tailGoes = tailFirst && places > 0;
  if (tailGoes) runTail();

  // What is ready holds its lane from here on, woken now or when a place is free.
  for (const turn of [...ready].sort((a, b) => a.readyAt.getTime() - b.readyAt.getTime())) {
    if (turn.module && !busyLanes.has(turn.module)) busyLanes.set(turn.module, turn.turnId);
    if (places <= 0) continue;
    wake.push(turn);
    rota = { ...rota, tailWasLast: false };
    places--;
  }
  // A tail that runs has them, or misses them again and is followed by another.
  if (tailGoes || view.tail.status === 'running') for (const module of missed) busyLanes.set(module, null);
  while (places > 0) {
    const next = nextInRound(view.candidates, rota, busyLanes);
    if (!next) break;
    release.push(next);
    busyLanes.set(next.module, next.turnId);
    rota = {
      tailWasLast: false,
      kind: next.kind,
      modules: { ...rota.modules, [next.kind]: next.module },
    };
    places--;
  }
  if (tailDue && !tailFirst && places > 0) runTail();

  const nextTurnAt = nextLook(view, releaseTail || release.length > 0, releaseTail);
  const isIdle = view.candidates.length === 0 && view.inFlight.every(({ kind }) => kind === 'tail');
  const idleUntil = isIdle ? view.nextDueAt : null;
  const plan = { releaseTail, release, wake, rota, nextTurnAt, idleUntil };
  return { plan, lanes: busyLanes, freePlaces, tailDue, tailFirst };
}

/** The first candidate in a free lane, by kinds going round after the last one and modules going round after that kind's last. */
function nextInRound(
  candidates: readonly Candidate[],
  rota: Rota,
  busyLanes: ReadonlyMap<ModuleName, string | null>,
): Candidate | undefined {
  const free = candidates.filter((turn) => !busyLanes.has(turn.module));
  for (const kind of roundAfter(ROUND_KINDS, rota.kind)) {
    for (const module of roundAfter(MODULE_NAMES, rota.modules[kind] ?? null)) {
      const found = free.find((turn) => turn.kind === kind && turn.module === module);
      if (found) return found;
    }
  }
  return undefined;
}

const roundAfter = <T>(all: readonly T[], last: T | null): readonly T[] => {
  const from = last === null ? 0 : all.indexOf(last) + 1;
  return [...all.slice(from), ...all.slice(0, from)];
};

/**
 * A turn that is queued and whose time has come mostly waits for a worker. The longer it waits, the more seldom its job is looked for:
 * a fleet with too much to do would else spend its time on that. One that is lost then is missed within five minutes.
 */
function nextLook(view: PlanView, begun: boolean, tailGoes: boolean): StoreTime {
  const now = view.now.getTime();
  const times: number[] = begun ? [now + view.repairMs] : [];
  for (const { status, readyAt } of view.inFlight) {
    const waited = status === 'queued' ? Math.min(now - readyAt.getTime(), LOOK_MOST_MS) : 0;
    times.push(Math.max(readyAt.getTime(), now) + Math.max(view.repairMs, waited));
  }
  if (view.tail.status === 'idle' && !tailGoes) times.push(Math.max(view.tail.dueAt.getTime(), now + 1));
  if (view.nextDueAt) times.push(view.nextDueAt.getTime());
  return storeTime(times.length > 0 ? Math.min(...times) : now + view.repairMs);
}
