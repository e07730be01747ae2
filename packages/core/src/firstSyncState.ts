import { MODULE_NAMES, type ModuleName } from './modules.js';
import type { ModuleState, SyncState } from './ports/store.js';
import type { StoreTime } from './time.js';
import { FIRST_ROTA } from './turns.js';

const FIRST_STATE: ModuleState = {
  state: 'active',
  reason: null,
  probeAt: null,
  schema: null,
  dropped: [],
  wanted: null,
  describedAt: null,
  pageCeilings: { full: null, light: null },
  tiling: null,
  unreadable: [],
  surveyed: null,
  surveyTries: 0,
  lastPass: null,
  lastWide: null,
};

/** A plan with a state for every module there is: one that was made before a module was added knows nothing of it yet. */
export const withEveryModule = <P extends { readonly modules: Partial<Record<ModuleName, object>> }>(
  plan: P,
): P => ({
  ...plan,
  modules: Object.fromEntries(MODULE_NAMES.map((name) => [name, { ...FIRST_STATE, ...plan.modules[name] }])),
});

/** The plan of a user who was just connected: a tail due at once, no window yet. */
export function firstSyncState(user: {
  readonly connectedAt: StoreTime;
  /** The number before its first release. */
  readonly release: number;
  readonly tailIntervalMs: number;
}): SyncState {
  const now = user.connectedAt;
  const modules = Object.fromEntries(MODULE_NAMES.map((name) => [name, FIRST_STATE]));
  return {
    rev: 0,
    rota: FIRST_ROTA,
    nextTurnAt: now,
    tail: {
      status: 'idle',
      release: user.release,
      dueAt: now,
      startedAt: null,
      pauseMs: user.tailIntervalMs,
      lastChangeAt: now,
      lastEnd: null,
      lastError: null,
    },
    modules: modules as Record<ModuleName, ModuleState>,
    skewMs: 0,
    clockOffMs: null,
    skewSeenMs: null,
    dbSkewMs: 0,
    paceMs: 0,
    suspectUntil: null,
    holdUntil: null,
    outage: null,
  };
}
