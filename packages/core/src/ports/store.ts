import type { LaneStore } from './lane.js';
import type { LedgerStore } from './ledger.js';
import type { MirrorStore } from './mirror.js';
import type { RequestStore } from './request.js';
import type { StatusStore } from './status.js';
import type { UserStore } from './user.js';

export type * from './lane.js';
export type * from './ledger.js';
export type * from './mirror.js';
export type * from './request.js';
export type * from './status.js';
export type * from './syncState.js';
export type * from './user.js';

export interface Store extends LedgerStore, LaneStore, MirrorStore, UserStore, StatusStore, RequestStore {
  /** The store's clock. */
  now(): Promise<Date>;
  /** Whether the store answers and has a primary. @throws when not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
