import {
  allows,
  auditAllows,
  auditCandidate,
  auditInFlight,
  auditTurn,
  type Batch,
  batchCandidate,
  batchInFlight,
  type Candidate,
  type DispatchStore,
  failedBatchTurn,
  failedResyncTurn,
  IN_FLIGHT,
  jobIdOf,
  MODULE_NAMES,
  newBatch,
  odooTime,
  type PlanSnapshot,
  type ReleasedTurn,
  type Resync,
  resyncAllows,
  resyncCandidate,
  resyncInFlight,
  SyncError,
  storeTime,
  tailInFlight,
  tailRelease,
  windowsFrom,
} from '@odoo-sync/core';
import { atStop, type Backend } from './memoryBackend.js';

const CANDIDATES = 8;
const DISTANT = 8.64e15;
const OPEN_RESYNC: readonly Resync['status'][] = ['pending', 'queued', 'running'];

/** What handing out turns asks, on the ledger in memory. */
export function memoryDispatchPort(backend: Backend): Omit<DispatchStore, 'tailReissue'> {
  const { ledger, author } = backend;
  const at = atStop(backend);
  const date = (ms = 0) => storeTime(ledger.now() + ms);

  const snapshot = (userKey: string): PlanSnapshot | null => {
    const user = ledger.users.get(userKey);
    const plan = ledger.states.get(userKey);
    if (!user || !plan || user.life !== plan.life) return null;
    const odooNow = ledger.odooNow(userKey);
    const batches = [...ledger.batches.values()]
      .filter((batch) => batch.userKey === userKey)
      .sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
    const resyncs = [...ledger.resyncs.values()].filter(
      (resync) => resync.userKey === userKey && OPEN_RESYNC.includes(resync.status),
    );
    const isActive = ({ module }: Batch) => plan.modules[module].state === 'active';
    /** By Odoo's clock: an open one waits for the database's clock too. */
    const dueTime = ({ dueAt, status }: Batch) => dueAt.getTime() + (status === 'open' ? plan.dbSkewMs : 0);
    const of = (status: Batch['status']) =>
      batches.filter((batch) => batch.status === status && isActive(batch));
    const isDue = (batch: Batch) => dueTime(batch) <= odooNow.getTime();
    const later = [...of('open'), ...of('failed')].filter((batch) => !isDue(batch)).map(dueTime);
    const midnights = MODULE_NAMES.map((name) => plan.modules[name].tiling?.until.getTime() ?? DISTANT);
    const active = user.standing === 'active';
    const audits = [...ledger.audits.values()].filter(
      (audit) => audit.userKey === userKey && plan.modules[audit.module].state === 'active',
    );
    const waiting = audits.filter(({ status }) => status === 'idle' || status === 'failed');
    const dueLater = waiting.map(({ dueAt }) => dueAt.getTime()).filter((dueAt) => dueAt > ledger.now());
    return {
      now: date(),
      user,
      plan,
      inFlight: [
        ...tailInFlight(user, plan.tail),
        ...batches
          .filter(({ status }) => IN_FLIGHT.includes(status))
          .map((batch) => batchInFlight(batch, user.life)),
        ...resyncs.flatMap((resync) => resyncInFlight(resync, user.life)),
        ...audits.flatMap(auditInFlight),
      ],
      candidates: active
        ? [
            ...resyncs.flatMap(resyncCandidate),
            ...of('open').filter(isDue).slice(0, CANDIDATES).map(batchCandidate('seal')),
            ...[
              ...of('failed').filter(isDue).slice(0, CANDIDATES),
              ...of('pending').slice(0, CANDIDATES),
            ].map(batchCandidate('backfill')),
            ...waiting.filter(({ dueAt }) => dueAt.getTime() <= ledger.now()).map(auditCandidate),
          ]
        : [],
      nextDueAt: active
        ? storeTime(Math.min(DISTANT, Math.min(...later, ...midnights) - plan.skewMs, ...dueLater))
        : null,
      leased: backend.lanes.liveHolders(userKey).map(({ turnId }) => turnId),
    };
  };

  return {
    snapshot: (userKey) => at(() => snapshot(userKey)),
    snapshots: (userKeys) =>
      at(
        () =>
          new Map(
            userKeys.flatMap((userKey) => {
              const one = snapshot(userKey);
              return one ? [[userKey, one] as const] : [];
            }),
          ),
      ),
    async extendTiling(user, until) {
      for (const module of MODULE_NAMES)
        await at(() => {
          if (!ledger.lives(user)) return;
          const state = ledger.stateOf(user.userKey);
          const { tiling } = state.modules[module];
          const windows = tiling ? windowsFrom(tiling.until, until) : [];
          const end = windows.at(-1)?.end;
          if (!tiling || !end) return;
          for (const window of windows) ledger.putBatch(newBatch(user, module, window, ledger.base(user)));
          const extended = { ...state.modules[module], tiling: { ...tiling, until: end } };
          ledger.setState(author, user.userKey, { modules: { ...state.modules, [module]: extended } });
        });
    },
    release: (user, { rev, tail: withTail, round, rota, nextTurnAt, idleUntil, at: now }) =>
      at(() => {
        if (Number.isNaN(nextTurnAt.getTime()))
          throw new SyncError('bug', `the next turn of ${user.userKey} has no date`);
        if (!ledger.lives(user)) return null;
        const { userKey, life } = user;
        const state = ledger.stateOf(userKey);
        const isCurrent = (turn: Candidate) => {
          const resync = ledger.resyncs.get(turn.turnId);
          const batch = ledger.batches.get(turn.turnId);
          const audit = ledger.audits.get(turn.turnId);
          if (audit) return auditAllows(audit, 'release') && audit.release === turn.release;
          const allowed = resync ? resyncAllows(resync, 'release') : batch && allows(batch, 'release');
          return allowed && (resync ?? batch)?.release === turn.release;
        };
        if (state.rev !== rev || (withTail && state.tail.status !== 'idle')) return null;
        if (!round.every(isCurrent)) return null;
        const release = state.tail.release + 1;
        const tail = withTail ? { tail: { ...state.tail, status: 'queued' as const, release } } : {};
        ledger.setState(author, userKey, { rota, nextTurnAt, idleUntil, ...tail });
        const released: ReleasedTurn[] = withTail ? [tailRelease(user, release)] : [];
        for (const turn of round) {
          const resync = ledger.resyncs.get(turn.turnId);
          const batch = ledger.batches.get(turn.turnId);
          const audit = ledger.audits.get(turn.turnId);
          const event = { type: 'release', at: now } as const;
          if (resync) ledger.resyncEvent(author, resync, event);
          else if (batch) ledger.batchEvent(author, batch, event);
          else if (audit) ledger.auditEvent(author, audit, event);
          // A failed one, or one that was told to be tried again, has a job of its last release that nobody needs any more.
          let hasOldJob = batch ? batch.status !== 'open' && batch.queuedAt !== null : false;
          if (resync) hasOldJob = resync.only !== null && resync.position === 0;
          if (audit) hasOldJob = audit.status === 'failed';
          const replaces = hasOldJob ? jobIdOf(turn.turnId, turn.release) : null;
          released.push({ ...turn, userKey, life, release: turn.release + 1, delayMs: 0, replaces });
        }
        return released;
      }),
    dueUsers: (limit) =>
      at(() =>
        [...ledger.states]
          .filter(([, { nextTurnAt }]) => nextTurnAt.getTime() <= ledger.now())
          .sort(([, a], [, b]) => a.nextTurnAt.getTime() - b.nextTurnAt.getTime())
          .slice(0, limit)
          .map(([userKey]) => userKey),
      ),
    setAside: (userKeys, ms) =>
      at(() => {
        for (const userKey of userKeys) {
          const state = ledger.states.get(userKey);
          if (state && state.nextTurnAt.getTime() <= ledger.now())
            ledger.states.set(userKey, { ...state, nextTurnAt: date(ms), idleUntil: null });
        }
      }),
    makeUserDue: (user) => at(() => (ledger.lives(user) ? ledger.makeDue(user) : undefined)),
    async reissue(turn) {
      const released = (release: number): ReleasedTurn => ({ ...turn, release, delayMs: 0, replaces: null });
      if (turn.kind === 'resync') {
        let resync = await at(() => ledger.resyncs.get(turn.turnId) ?? null);
        if (resync?.release !== turn.release || resync.life !== turn.life) return null;
        const running = resync;
        if (resync.status === 'running')
          resync = await at(() => ledger.resyncEvent(author, running, { type: 'expire', at: date() }));
        if (resync?.status !== 'queued') return null;
        const queued = resync;
        const again = await at(() => ledger.resyncEvent(author, queued, { type: 'reissue', at: date() }));
        return again && released(again.release);
      }
      if (turn.kind === 'audit') {
        let audit = await at(() => ledger.audits.get(turn.turnId) ?? null);
        if (audit?.release !== turn.release || audit.life !== turn.life) return null;
        const running = audit;
        if (audit.status === 'running')
          audit = await at(() =>
            ledger.auditEvent(author, running, {
              type: 'expire',
              at: date(),
              healAt: date(ledger.settings.healMs),
            }),
          );
        if (audit?.status !== 'queued') return null;
        const queued = audit;
        const again = await at(() => ledger.auditEvent(author, queued, { type: 'reissue', at: date() }));
        return again && released(again.release);
      }
      let batch = await at(() => ledger.batches.get(turn.turnId) ?? null);
      if (batch?.release !== turn.release || batch.life !== turn.life) return null;
      const running = batch;
      const healAt = new Date(ledger.odooNow(turn.userKey).getTime() + ledger.settings.healMs);
      if (allows(batch, 'expire'))
        batch = await at(() =>
          ledger.batchEvent(author, running, {
            type: 'expire',
            at: date(),
            healAt: odooTime(healAt),
          }),
        );
      if (batch?.status !== 'queued') return null;
      const queued = batch;
      const again = await at(() => ledger.batchEvent(author, queued, { type: 'reissue', at: date() }));
      return again && released(again.release);
    },
    failedTurns: (after, limit) =>
      at(() =>
        [
          ...[...ledger.batches.values()].filter(({ status }) => status === 'failed').map(failedBatchTurn),
          ...[...ledger.resyncs.values()].filter(({ status }) => status === 'failed').map(failedResyncTurn),
          ...[...ledger.audits.values()].filter(({ status }) => status === 'failed').map(auditTurn),
        ]
          .filter(({ turnId }) => after === null || turnId > after)
          .sort((a, b) => (a.turnId < b.turnId ? -1 : 1))
          .slice(0, limit),
      ),
  };
}
