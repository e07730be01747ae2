import {
  afterFault,
  FencedOutError,
  isBroken,
  type Lane,
  type ModuleState,
  type SchemaStore,
  type SyncState,
  type SyncStateStore,
  storeTime,
  type UserStore,
} from '@odoo-sync/core';
import { atStop, type Backend } from './memoryBackend.js';

const SKEW_GRAIN_MS = 1_500;

/** Odoo's clock against the store's: a difference is believed when it is seen twice in a row. */
export function clockNotes(
  { skewMs, skewSeenMs }: SyncState,
  odooNow: Date,
  now: Date,
  maxSkewMs: number,
): {
  readonly news: boolean;
  readonly believed: boolean;
  readonly set: Pick<SyncState, 'skewMs' | 'skewSeenMs'>;
} {
  const skew = odooNow.getTime() - now.getTime();
  const differs = Math.abs(skew - skewMs) > SKEW_GRAIN_MS && Math.abs(skew) <= maxSkewMs;
  const believed = differs && skewSeenMs !== null && Math.abs(skew - skewSeenMs) <= 2 * SKEW_GRAIN_MS;
  return {
    news: differs || skewSeenMs !== null,
    believed,
    set: { skewMs: believed ? skew : skewMs, skewSeenMs: differs && !believed ? skew : null },
  };
}

/** What turns learn, on the ledger in memory. */
export function memoryNotesPort(
  backend: Backend,
): SyncStateStore & SchemaStore & Pick<UserStore, 'needsAttention' | 'restoreUser'> {
  const { ledger, lanes, author } = backend;
  const at = atStop(backend);
  const date = () => storeTime(ledger.now());
  /** Whether a lane's holder may write, and its life goes on. */
  const mayNote = (lane: Lane): boolean => {
    if (!lanes.fenceHolds(lane)) throw new FencedOutError(`${lane.userKey}/${lane.module}`, lane.token);
    return ledger.lives(lane);
  };
  const note = (lane: Lane, patch: Partial<ModuleState>) => {
    const { modules } = ledger.stateOf(lane.userKey);
    const noted = { modules: { ...modules, [lane.module]: { ...modules[lane.module], ...patch } } };
    if ('state' in patch) ledger.setState(author, lane.userKey, noted);
    else ledger.noteState(lane, noted);
  };
  return {
    syncState: (user) => at(() => (ledger.lives(user) ? ledger.stateOf(user.userKey) : null)),
    noteModule: (lane, patch) =>
      at(() => {
        if (mayNote(lane)) note(lane, patch);
      }),
    schema: (user, module) => at(() => ledger.schemaOf(user, module)),
    noteSchema: (lane, schema, patch) =>
      at(() => {
        if (mayNote(lane)) note(lane, { ...patch, schema: ledger.putSchema(lane, schema) });
      }),
    noteSyncState: (user, patch) =>
      at(() => (ledger.lives(user) ? ledger.noteState(user, patch) : undefined)),
    noteSource: (user, patch) =>
      at(() => {
        for (const one of ledger.sharers(user)) ledger.noteState(one, patch);
      }),
    noteFault: (user) =>
      at(() => {
        if (!ledger.lives(user)) return null;
        const before = ledger.stateOf(user.userKey).outage;
        const outage = afterFault(before, date(), ledger.settings.breakerMs);
        for (const one of ledger.sharers(user)) ledger.noteState(one, { outage });
        return { outage, opened: isBroken(outage) && !isBroken(before) };
      }),
    noteAnswer: (user) =>
      at(() => {
        const before = ledger.lives(user) ? ledger.stateOf(user.userKey).outage : null;
        if (!before) return null;
        for (const { userKey } of ledger.sharers(user))
          if (ledger.stateOf(userKey).outage)
            ledger.setState(author, userKey, { outage: null, nextTurnAt: date() });
        return before;
      }),
    noteClock: (user, odooNow) =>
      at(() => {
        if (!ledger.lives(user)) return;
        const state = ledger.stateOf(user.userKey);
        const { news, believed, set } = clockNotes(state, odooNow, date(), ledger.settings.clockMaxSkewMs);
        if (!news) return;
        if (believed) ledger.setState(author, user.userKey, { ...set, nextTurnAt: date() });
        else ledger.noteState(user, set);
      }),
    needsAttention: ({ userKey, life, credentialVersion }, error, probeAt) =>
      at(() => {
        const user = ledger.users.get(userKey);
        if (
          user?.life !== life ||
          user.credentialVersion !== credentialVersion ||
          user.standing === 'removing'
        )
          return;
        ledger.users.set(userKey, { ...user, standing: 'needs_attention', attention: error });
        if (!ledger.lives(user)) return;
        const { tail } = ledger.stateOf(userKey);
        ledger.setState(author, userKey, { tail: { ...tail, dueAt: probeAt }, nextTurnAt: probeAt });
      }),
    restoreUser: (ref) =>
      at(() => {
        const user = ledger.users.get(ref.userKey);
        if (user?.life !== ref.life) return;
        if (user.standing === 'needs_attention')
          ledger.users.set(user.userKey, { ...user, standing: 'active', attention: null });
        if (!ledger.lives(user)) return;
        const { tail } = ledger.stateOf(user.userKey);
        ledger.setState(author, user.userKey, {
          tail: { ...tail, dueAt: date() },
          nextTurnAt: date(),
          suspectUntil: null,
          holdUntil: null,
        });
      }),
  };
}
