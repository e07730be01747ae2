import { MODULE_NAMES, type OpenSource, type User } from '@odoo-sync/core';
import type { ComparedStore } from './comparedStore.js';
import { compareModule, type ModuleComparison } from './compareModule.js';

/**
 * Compares every module of a user that its login may read with its mirror, record by record. Reads Odoo once more, and
 * changes nothing anywhere.
 * @throws SyncError when Odoo can't be read.
 */
export async function compareUser(
  store: ComparedStore,
  open: OpenSource,
  user: User,
  stop: AbortSignal,
): Promise<readonly ModuleComparison[]> {
  const plan = await store.syncState(user);
  const session = await open(user.address, await store.credentials(user), stop);
  try {
    const compared: ModuleComparison[] = [];
    for (const module of MODULE_NAMES) {
      const { state, pageCeilings } = plan?.modules[module] ?? {};
      if (state !== 'active') continue;
      const schema = await store.schema(user, module);
      if (!schema) throw new Error(`nothing of ${module} of ${user.userKey} was mirrored yet`);
      if (pageCeilings) session.knowPageCeilings(module, pageCeilings);
      const comparison = { store, source: session, user, signal: stop };
      compared.push(await compareModule(comparison, module, schema.fields));
    }
    return compared;
  } finally {
    session.close();
  }
}
