import { SyncError } from '@odoo-sync/core';
import type { SourceContext } from '../turn/turnContext.js';

/**
 * Checks that it is the database that was mirrored before, by its UUID, where the login may read that.
 * @throws SyncError `identity` where it is another one.
 */
export async function checkDatabase({ source, store, user, state, signal }: SourceContext): Promise<void> {
  const uuid = await source.databaseUuid(signal);
  if (uuid === null || uuid === state.databaseUuid) return;
  if (state.databaseUuid == null) return store.noteSyncState(user, { databaseUuid: uuid });
  const { url, db } = user.address;
  throw new SyncError(
    'identity',
    `another database answers as ${db} at ${url}: it has the UUID ${uuid}, and the one that was mirrored had ${state.databaseUuid}. Nothing was written. Where a copy or another database is to be mirrored, accept it (\`odoo-sync user accept-database ${user.userKey}\`), or remove the user and add it again; else correct what stands behind that URL`,
  );
}
