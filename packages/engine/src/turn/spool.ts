import type { RecordStream, SourcePage } from '@odoo-sync/core';

/** Holds a window between fetch and commit, as the bytes that Odoo sent. */
export interface Spool extends RecordStream {
  readonly pages: number;
  /**
   * Takes a page.
   * @throws SyncError `configuration` when there is no room; the spool is then to be closed.
   */
  append(page: SourcePage): Promise<void>;
  /** Forgets everything. */
  close(): Promise<void>;
}
