import {
  allows,
  type Batch,
  type Candidate,
  IN_FLIGHT,
  type InFlightTurn,
  jobIdOf,
  type LedgerStore,
  type PlanSnapshot,
  type ReleasedTurn,
  type Resync,
  resyncAllows,
  resyncWindowAt,
  type SyncState,
  type TailEnd,
  type TurnPlace,
  tailDeaths,
  tailIdOf,
  type UserRef,
  windowsFrom,
} from '@odoo-sync/core';
import type { Actor, Actors } from './actors.test.js';
import type { FakeLanes } from './fakeLanes.test.js';
import type { Author, FakeLedger } from './fakeLedger.test.js';

const CANDIDATES = 8;
const DISTANT = 8.64e15;

export interface Backend {
  readonly actors: Actors;
  readonly ledger: FakeLedger;
  readonly lanes: FakeLanes;
}

const notModelled = (): never => {
  throw new Error('not modelled');
};

/** The ledger as one actor sees it: each of its questions and changes is a stop, and what lies between two can change. */
export function ledgerSession({ actors, ledger, lanes }: Backend, actor: Actor, author: Author): LedgerStore {
  const at = async <T>(act: () => T): Promise<T> => {
    await actors.stop(actor);
    return act();
  };
  const date = (ms = 0) => new Date(ledger.now() + ms);
  /** Does it while that life lasts. */
  const ofLife = <T>(user: UserRef, act: () => T, otherwise: T): Promise<T> =>
    at(() => (ledger.lives(user) ? act() : otherwise));
  const setPlan = ({ userKey }: UserRef, patch: Partial<SyncState>) => ledger.setPlan(author, userKey, patch);
  const setTail = (userKey: string, tail: Partial<SyncState['tail']>) =>
    ledger.setPlan(author, userKey, { tail: { ...ledger.planOf(userKey).tail, ...tail } });
  const openResyncs = (userKey: string) =>
    [...ledger.resyncs.values()].filter(
      (resync) => resync.userKey === userKey && ['pending', 'queued', 'running'].includes(resync.status),
    );

  const ledgerStore: LedgerStore = {
    async snapshots(userKeys) {
      const seen = new Map<string, PlanSnapshot>();
      for (const userKey of userKeys) {
        const one = await ledgerStore.snapshot(userKey);
        if (one) seen.set(userKey, one);
      }
      return seen;
    },
    async snapshot(userKey): Promise<PlanSnapshot | null> {
      const [user, plan, now] = await at(() => [
        ledger.users.get(userKey),
        ledger.plans.get(userKey),
        date(),
      ]);
      if (!user || !plan || user.life !== plan.life) return null;
      const odooNow = new Date(now.getTime() + plan.skewMs);
      const [batches, resyncs] = await at(() => [
        [...ledger.batches.values()]
          .filter((batch) => batch.userKey === userKey)
          .sort((a, b) => a.startTime.getTime() - b.startTime.getTime()),
        openResyncs(userKey),
      ]);
      const leased = await at(() =>
        lanes.live(userKey).flatMap(({ holder }) => (holder ? [holder.turnId] : [])),
      );
      const due = (status: Batch['status']) =>
        batches.filter((batch) => batch.status === status && batch.dueAt <= odooNow).slice(0, CANDIDATES);
      const later = batches
        .filter(({ status, dueAt }) => (status === 'open' || status === 'failed') && dueAt > odooNow)
        .map(({ dueAt }) => dueAt.getTime());
      return {
        now,
        user,
        plan,
        inFlight: [
          ...tailInFlight(user, plan),
          ...batches.filter(({ status }) => IN_FLIGHT.includes(status)).map(batchInFlight),
          ...resyncs.flatMap(resyncInFlight),
        ],
        candidates: [
          ...resyncs.flatMap(resyncCandidate),
          ...due('open').map(candidateOf('seal')),
          ...[...due('failed'), ...due('pending')].map(candidateOf('backfill')),
        ],
        nextDueAt: new Date(Math.min(DISTANT, tiledUntil(plan), ...later) - plan.skewMs),
        leased,
      };
    },

    extendTiling: (user, until) =>
      at(() => {
        if (!ledger.lives(user)) return;
        const windows = windowsFrom(ledger.tiledUntil(user.userKey), until);
        for (const window of windows)
          for (const module of ledger.modules) ledger.makeBatch(user, module, window);
        const end = windows.at(-1)?.end;
        if (end) ledger.extend(author, user.userKey, end);
      }),

    release: (user, rev, turns, rota, nextTurnAt) =>
      at(() => {
        if (!ledger.lives(user)) return null;
        const { userKey, life } = user;
        const plan = ledger.planOf(userKey);
        const current = (turn: Candidate) => {
          const resync = ledger.resyncs.get(turn.turnId);
          const batch = ledger.batches.get(turn.turnId);
          const allowed = resync ? resyncAllows(resync, 'release') : batch && allows(batch, 'release');
          return allowed && ledger.currentRelease({ userKey, life, ...turn }) === turn.release;
        };
        if (plan.rev !== rev || (turns.tail && plan.tail.status !== 'idle')) return null;
        if (!turns.round.every(current)) return null;
        ledger.setPlan(author, userKey, { rota, nextTurnAt });
        const released: ReleasedTurn[] = [];
        if (turns.tail) {
          setTail(userKey, { status: 'queued', release: plan.tail.release + 1 });
          released.push(tailTurn(user, plan.tail.release + 1));
        }
        for (const turn of turns.round) {
          const resync = ledger.resyncs.get(turn.turnId);
          const batch = ledger.batches.get(turn.turnId);
          const event = { type: 'release', at: date() } as const;
          if (resync) ledger.resyncEvent(author, resync, event);
          else if (batch) ledger.batchEvent(author, batch, event);
          const hasOldJob = batch && batch.status !== 'open' && batch.queuedAt !== null;
          const replaces = hasOldJob ? jobIdOf(turn.turnId, turn.release) : null;
          released.push({ ...turn, userKey, life, release: turn.release + 1, delayMs: 0, replaces });
        }
        return released;
      }),

    dueUsers: (limit) =>
      at(() =>
        [...ledger.plans]
          .filter(([, { nextTurnAt }]) => nextTurnAt.getTime() <= ledger.now())
          .sort(([, a], [, b]) => a.nextTurnAt.getTime() - b.nextTurnAt.getTime())
          .slice(0, limit)
          .map(([userKey]) => userKey),
      ),
    setAside: (userKeys, ms) =>
      at(() => {
        for (const userKey of userKeys) {
          const plan = ledger.plans.get(userKey);
          if (plan && plan.nextTurnAt.getTime() <= ledger.now())
            ledger.plans.set(userKey, { ...plan, nextTurnAt: date(ms) });
        }
      }),
    makeUserDue: (user) => ofLife(user, () => void setPlan(user, { nextTurnAt: date() }), undefined),
    syncState: (user) => ofLife(user, () => ledger.planOf(user.userKey), null),
    batch: (id) => at(() => ledger.batches.get(id) ?? null),
    batchEvent: (batch, event) =>
      at(() => (allows(batch, event.type) ? ledger.batchEvent(author, batch, event) : null)),
    resync: (id) => at(() => ledger.resyncs.get(id) ?? null),
    resyncEvent: (resync, event) => at(() => ledger.resyncEvent(author, resync, event)),

    async reissue(turn) {
      const released = (release: number): ReleasedTurn => ({ ...turn, release, delayMs: 0, replaces: null });
      const [type, now] = ['expire', date()] as const;
      if (turn.kind === 'resync') {
        let resync = await this.resync(turn.turnId);
        if (resync?.release !== turn.release || resync.life !== turn.life) return null;
        if (resync.status === 'running') resync = await this.resyncEvent(resync, { type, at: now });
        if (resync?.status !== 'queued') return null;
        const again = await this.resyncEvent(resync, { type: 'reissue', at: now });
        return again && released(again.release);
      }
      let batch = await this.batch(turn.turnId);
      if (batch?.release !== turn.release || batch.life !== turn.life) return null;
      const healAt = new Date(ledger.odooNow(turn.userKey).getTime() + ledger.settings.healMs);
      if (allows(batch, type)) batch = await this.batchEvent(batch, { type, at: now, healAt });
      if (batch?.status !== 'queued') return null;
      const again = await this.batchEvent(batch, { type: 'reissue', at: now });
      return again && released(again.release);
    },

    failedTurns: (after, limit) =>
      at(() =>
        [
          ...[...ledger.batches.values()].filter(({ status }) => status === 'failed').map(placeOfBatch),
          ...[...ledger.resyncs.values()]
            .filter(({ status }) => status === 'failed')
            .map(placeOfFailedResync),
        ]
          .filter(({ turnId }) => after === null || turnId > after)
          .sort((a, b) => (a.turnId < b.turnId ? -1 : 1))
          .slice(0, limit),
      ),

    tailStart: (user, release) =>
      at(() => {
        const { userKey } = user;
        if (!ledger.lives(user)) return false;
        const { tail } = ledger.planOf(userKey);
        if (tail.release !== release || tail.status === 'idle') return false;
        setTail(userKey, { status: 'running', startedAt: date(), expiries: tailDeaths(tail) });
        return true;
      }),
    tailEnd: (user, release, end: TailEnd) =>
      at(() => {
        const { userKey } = user;
        if (!ledger.lives(user)) return null;
        const { tail } = ledger.planOf(userKey);
        if (tail.release !== release || tail.status !== 'running') return null;
        const startedAt = tail.startedAt?.getTime() ?? ledger.now();
        const dueAt = new Date(Math.max(startedAt + end.pauseMs, ledger.now() + end.waitMs));
        setTail(userKey, {
          status: 'queued',
          release: release + 1,
          dueAt,
          pauseMs: end.pauseMs,
          lastError: end.error,
          expiries: end.expiries ?? 0,
          lastEnd: date(),
          missed: end.missed,
        });
        const nextTurnAt = new Date(dueAt.getTime() + ledger.settings.repairMs);
        ledger.setPlan(author, userKey, { nextTurnAt });
        return { ...tailTurn(user, release + 1), delayMs: dueAt.getTime() - ledger.now() };
      }),
    tailReissue: (user, release) =>
      at(() => {
        const { userKey } = user;
        if (!ledger.lives(user)) return null;
        const { tail } = ledger.planOf(userKey);
        if (tail.release !== release || tail.status === 'idle') return null;
        setTail(userKey, {
          status: 'queued',
          release: release + 1,
          dueAt: date(),
          expiries: tailDeaths(tail),
        });
        return tailTurn(user, release + 1);
      }),
    tailHandBack: (user, release) =>
      at(() => {
        const { userKey } = user;
        if (!ledger.lives(user)) return;
        const { tail } = ledger.planOf(userKey);
        if (tail.release === release && tail.status === 'running') setTail(userKey, { status: 'queued' });
      }),

    noteSyncState: (user, patch) =>
      ofLife(
        user,
        () => void ledger.plans.set(user.userKey, { ...ledger.planOf(user.userKey), ...patch }),
        undefined,
      ),

    oldestOpen: notModelled,
    makeWindowsDue: notModelled,
    noteModule: notModelled,
    noteSource: notModelled,
    noteFault: notModelled,
    noteAnswer: notModelled,
    createWindows: notModelled,
    noteClock: notModelled,
  };
  return ledgerStore;
}

const tailTurn = ({ userKey, life }: UserRef, release: number): ReleasedTurn => ({
  kind: 'tail',
  userKey,
  life,
  turnId: tailIdOf(userKey),
  release,
  module: null,
  startTime: null,
  delayMs: 0,
  replaces: null,
});

/** The end of the windows that were made: of every module the same here. */
const tiledUntil = ({ modules }: SyncState): number =>
  Math.min(...Object.values(modules).flatMap(({ tiling }) => tiling?.until.getTime() ?? []));

function tailInFlight(user: UserRef, { tail }: SyncState): InFlightTurn[] {
  const { status, release, dueAt, startedAt } = tail;
  if (status === 'idle') return [];
  const readyAt = status === 'running' ? (startedAt ?? dueAt) : dueAt;
  const { delayMs, replaces, ...place } = tailTurn(user, release);
  return [{ ...place, status, readyAt, attempts: 0 }];
}

const placeOfBatch = (batch: Batch): TurnPlace => ({
  kind: batch.readStartedAt ? 'seal' : 'backfill',
  userKey: batch.userKey,
  life: batch.life,
  turnId: batch._id,
  release: batch.release,
  module: batch.module,
  startTime: batch.startTime,
});

const batchInFlight = (batch: Batch): InFlightTurn => ({
  ...placeOfBatch(batch),
  status: batch.status === 'queued' ? 'queued' : 'running',
  readyAt: batch.retryAt ?? batch.queuedAt ?? batch.startTime,
  attempts: batch.attempts,
});

const candidateOf =
  (kind: 'seal' | 'backfill') =>
  ({ _id, module, release, startTime }: Batch): Candidate => ({
    kind,
    module,
    turnId: _id,
    release,
    startTime,
  });

function resyncInFlight(resync: Resync): InFlightTurn[] {
  const place = resyncWindowAt(resync, resync.position);
  if (!place || resync.status === 'pending') return [];
  const { _id: turnId, userKey, life, release, attempts, retryAt, queuedAt, requestedAt } = resync;
  const status = resync.status === 'queued' ? 'queued' : 'running';
  const readyAt = retryAt ?? queuedAt ?? requestedAt;
  return [{ kind: 'resync', userKey, life, turnId, release, ...place, status, readyAt, attempts }];
}

function resyncCandidate(resync: Resync): Candidate[] {
  const place = resyncWindowAt(resync, resync.position);
  if (!place || resync.status !== 'pending') return [];
  return [{ kind: 'resync', turnId: resync._id, release: resync.release, ...place }];
}

function placeOfFailedResync(resync: Resync): TurnPlace {
  const last = resyncWindowAt(resync, resync.total - 1);
  const { _id: turnId, userKey, life, release } = resync;
  return {
    kind: 'resync',
    userKey,
    life,
    turnId,
    release,
    module: last?.module ?? null,
    startTime: last?.startTime ?? null,
  };
}
