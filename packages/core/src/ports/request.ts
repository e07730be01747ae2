import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { Resync } from '../resync.js';

export interface ResyncRequest {
  readonly modules: readonly ModuleName[];
  /** Widened to whole windows and cut to the tiling; absent: the tiling's start, or now. */
  readonly from?: Date;
  readonly to?: Date;
  readonly requestedBy: string;
}

/** What a waking changed. */
export interface Woken {
  /** Unavailable modules that the next tail probes. */
  readonly probed: readonly ModuleName[];
  /** Its Odoo was left alone, and is tried again by the next turn. */
  readonly breakerTried: boolean;
}

export interface RequestStore {
  /**
   * Writes the request; it is acknowledged when this returns.
   * @throws SyncError `invalid` for an empty range, `conflict` where there is no window yet or the user's life has ended.
   */
  requestResync(user: UserRef, request: ResyncRequest): Promise<Resync>;
  /**
   * Makes the user and its tail due now, has its unavailable modules probed, and an Odoo that is left alone tried again. What runs
   * is left alone, and so are the holds of throttling and of suspected credentials.
   * @throws SyncError `conflict` when the user's life has ended, or is being ended.
   */
  wakeUser(user: UserRef): Promise<Woken>;
  /**
   * A failed batch or resync gets fresh attempts and becomes due at once.
   * @returns the job id of the failed release, or null when there is nothing failed under this document.
   */
  requestRetry(turnId: string): Promise<{ readonly userKey: string; readonly jobId: string } | null>;
}
