import {
  allows,
  type BatchLedger,
  emptyBatch,
  FencedOutError,
  type ModuleName,
  newBatch,
  odooTime,
  type StatusStore,
  storeTime,
  TURN_KINDS,
  WINDOW_MS,
  windowOf,
} from '@odoo-sync/core';
import { atStop, type Backend } from './memoryBackend.js';

/** Windows and resyncs, on the ledger in memory. */
export function memoryWindowsPort(backend: Backend): BatchLedger & Pick<StatusStore, 'windowsLeft'> {
  const { ledger, lanes, author } = backend;
  const at = atStop(backend);
  const ofModule = (userKey: string, module: ModuleName) =>
    [...ledger.batches.values()].filter((batch) => batch.userKey === userKey && batch.module === module);
  return {
    windowView: ({ kind, userKey, life, turnId }) =>
      at(() => {
        const user = ledger.users.get(userKey);
        const state = ledger.states.get(userKey);
        if (user?.life !== life || state?.life !== life) return null;
        const { document } = TURN_KINDS[kind];
        return {
          user,
          state,
          batch: (document === 'batch' && ledger.batches.get(turnId)) || null,
          resync: (document === 'resync' && ledger.resyncs.get(turnId)) || null,
        };
      }),
    batch: (id) => at(() => ledger.batches.get(id) ?? null),
    batchEvent: (batch, event) =>
      at(() => (allows(batch, event.type) ? ledger.batchEvent(author, batch, event) : null)),
    resync: (id) => at(() => ledger.resyncs.get(id) ?? null),
    resyncEvent: (resync, event) => at(() => ledger.resyncEvent(author, resync, event)),
    createWindows: (lane, before, { tiling, toRead, empty, surveyedAt, records }) =>
      at(() => {
        const { module, userKey } = lane;
        if (!ledger.lives(lane)) return false;
        if (!lanes.fenceHolds(lane)) throw new FencedOutError(`${userKey}/${module}`, lane.token);
        const { modules } = ledger.stateOf(userKey);
        const state = modules[module];
        if (JSON.stringify(state.tiling) !== JSON.stringify(before)) return false;
        const base = ledger.base(lane);
        for (const window of toRead) ledger.putBatch(newBatch(lane, module, window, base));
        for (const range of empty) ledger.putBatch(emptyBatch(lane, module, range, surveyedAt, base));
        // A total isn't known when a part of it isn't.
        const known = before === null ? 0 : state.surveyed;
        const surveyed = records === null || known === null ? null : known + records;
        const laid = { ...state, tiling, surveyed, surveyTries: 0 };
        ledger.setState(author, userKey, {
          modules: { ...modules, [module]: laid },
          nextTurnAt: storeTime(new Date(ledger.now())),
        });
        return true;
      }),
    async makeWindowsDue(user, module, starts) {
      for (const start of starts)
        await at(() => {
          const batch = ofModule(user.userKey, module).find(
            ({ startTime, endTime }) => startTime <= start && start < endTime,
          );
          if (batch?.life !== user.life || !ledger.lives(user)) return;
          if (batch.status === 'open' || batch.status === 'failed')
            ledger.batchEvent(author, batch, { type: 'makeDue', at: odooTime(batch.startTime) });
          else if (batch.status === 'succeeded') {
            const from = windowOf(start).start;
            const to = new Date(from.getTime() + WINDOW_MS);
            const waits = [...ledger.resyncs.values()].some(
              (one) =>
                one.userKey === user.userKey &&
                ['pending', 'queued', 'running'].includes(one.status) &&
                one.modules.join() === module &&
                one.from.getTime() === from.getTime() &&
                one.to.getTime() === to.getTime(),
            );
            if (!waits) ledger.putResync(user, { modules: [module], from, to });
          }
        });
    },
    windowsLeft: (userKey, module) =>
      at(
        () =>
          ofModule(userKey, module).filter(
            ({ status, readStartedAt }) => readStartedAt === null && status !== 'failed',
          ).length,
      ),
  };
}
