import type { ModuleName, SchemaStore, StatusStore, SyncStateStore, User, UserStore } from '@odoo-sync/core';

/** What a comparison needs of the store: what was mirrored, and the documents themselves. */
export interface ComparedStore
  extends Pick<SyncStateStore, 'syncState'>,
    Pick<SchemaStore, 'schema'>,
    Pick<UserStore, 'credentials'>,
    Pick<StatusStore, 'countRecords'> {
  /** Documents of a user by Odoo's ids, tombstones left out. */
  readRecords(
    user: User,
    module: ModuleName,
    odooIds: readonly number[],
  ): Promise<ReadonlyMap<number, Readonly<Record<string, unknown>>>>;
}
