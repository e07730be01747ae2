import {
  type DispatchStore,
  later,
  type SyncState,
  storeTime,
  type TailLedger,
  tailDeaths,
  tailRelease,
  type UserRef,
} from '@odoo-sync/core';
import { atStop, type Backend } from './memoryBackend.js';
import { clockNotes } from './memoryNotes.js';

/** The life of tails, on the ledger in memory. */
export function memoryTailPort(backend: Backend): TailLedger & Pick<DispatchStore, 'tailReissue'> {
  const { ledger, lanes, author } = backend;
  const at = atStop(backend);
  const date = (ms = 0) => storeTime(ledger.now() + ms);
  const setTail = (userKey: string, tail: Partial<SyncState['tail']>, more: Partial<SyncState> = {}) =>
    ledger.setState(author, userKey, { ...more, tail: { ...ledger.stateOf(userKey).tail, ...tail } });
  /** The tail, while this release is the current one of a user who lives. */
  const current = (user: UserRef, release: number) => {
    const { tail } = ledger.lives(user) ? ledger.stateOf(user.userKey) : {};
    return tail?.release === release && tail.status !== 'idle' ? tail : null;
  };
  return {
    tailView: ({ userKey, life }) =>
      at(() => {
        const user = ledger.users.get(userKey);
        const state = ledger.states.get(userKey);
        if (user?.life !== life || state?.life !== life) return null;
        // From the youngest on, so that the oldest of a module is what stays.
        const open = [...ledger.batches.values()]
          .filter((batch) => batch.userKey === userKey && batch.status === 'open')
          .sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
        return {
          user,
          state,
          now: date(),
          oldestOpen: new Map(open.map(({ module, startTime }) => [module, startTime])),
          leased: lanes.liveHolders(userKey).length > 0,
        };
      }),
    tailStart: (user, release) =>
      at(() => {
        const tail = current(user, release);
        if (tail)
          setTail(user.userKey, {
            status: 'running',
            startedAt: date(),
            expiries: tailDeaths(tail),
          });
        return tail !== null;
      }),
    tailEnd: (user, release, end) =>
      at(() => {
        const { userKey } = user;
        const tail = current(user, release);
        if (tail?.status !== 'running') return null;
        const startedAt = tail.startedAt?.getTime() ?? ledger.now();
        const dueAt = storeTime(Math.max(startedAt + end.pauseMs, ledger.now() + end.waitMs));
        const state = ledger.stateOf(userKey);
        const clock = end.odooNow && clockNotes(state, end.odooNow, date(), ledger.settings.clockMaxSkewMs);
        const { nextTurnAt, idleUntil = null } = state;
        const lookAt = later(dueAt, ledger.settings.repairMs);
        const alone =
          end.quiet && !clock?.believed && idleUntil !== null && idleUntil > date() && nextTurnAt > date();
        const modules = { ...state.modules };
        for (const [module, notes] of end.passes) modules[module] = { ...modules[module], ...notes };
        setTail(
          userKey,
          {
            status: 'queued',
            release: release + 1,
            dueAt,
            pauseMs: end.pauseMs,
            lastError: end.error,
            expiries: end.expiries ?? 0,
            ...(end.changed ? { lastChangeAt: date() } : {}),
            lastEnd: date(),
            missed: end.missed,
          },
          {
            modules,
            ...clock?.set,
            clockOffMs: end.clockOffMs,
            idleUntil: alone ? idleUntil : null,
            nextTurnAt: clock?.believed ? date() : alone && idleUntil < lookAt ? idleUntil : lookAt,
          },
        );
        return { ...tailRelease(user, release + 1, dueAt.getTime() - ledger.now()), alone };
      }),
    tailReissue: (user, release) =>
      at(() => {
        const tail = current(user, release);
        if (!tail) return null;
        setTail(user.userKey, {
          status: 'queued',
          release: release + 1,
          dueAt: date(),
          expiries: tailDeaths(tail),
        });
        return tailRelease(user, release + 1);
      }),
    tailHandBack: (user, release) =>
      at(() => {
        if (current(user, release)?.status === 'running') setTail(user.userKey, { status: 'queued' });
      }),
  };
}
