import type { StoreTime } from '../time.js';
import type { AuditLedger, AuditMirror, AuditRequests } from './audit.js';
import type { BatchLedger } from './batchLedger.js';
import type { DispatchStore } from './dispatchStore.js';
import type { ExplainStore } from './explain.js';
import type { LaneStore } from './lane.js';
import type { MirrorStore } from './mirror.js';
import type { RequestStore } from './request.js';
import type { SchemaStore } from './schema.js';
import type { StatusStore } from './status.js';
import type { SyncStateStore } from './syncState.js';
import type { TailLedger } from './tailLedger.js';
import type { UserStore } from './user.js';

export type * from './audit.js';
export type * from './batchLedger.js';
export type * from './dispatchStore.js';
export type * from './explain.js';
export type * from './lane.js';
export type * from './mirror.js';
export type * from './request.js';
export type * from './schema.js';
export type * from './status.js';
export type * from './syncState.js';
export type * from './tailLedger.js';
export type * from './user.js';

export interface StoreClock {
  /** The store's clock: by it leases expire and turns are due, whatever the clocks of the processes say. */
  now(): Promise<StoreTime>;
}

/** What turns need of the store. */
export interface TurnStore
  extends StoreClock,
    DispatchStore,
    BatchLedger,
    AuditLedger,
    AuditMirror,
    TailLedger,
    SyncStateStore,
    SchemaStore,
    LaneStore,
    MirrorStore,
    Pick<UserStore, 'user' | 'needsAttention' | 'restoreUser'>,
    Pick<StatusStore, 'windowsLeft'> {}

/** The store as a whole, each port by its use; who needs one names that one. */
export interface Store extends TurnStore, UserStore, StatusStore, ExplainStore, RequestStore, AuditRequests {
  /** Whether the store answers and has a primary. @throws when not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
