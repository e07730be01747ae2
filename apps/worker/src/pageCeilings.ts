import { isDeepStrictEqual } from 'node:util';
import type { ModuleName, Source, User, UserPlan } from '@odoo-sync/core';
import type { Engine } from './engine.js';

/** Reads a module with what the ledger knows of its too heavy pages, and notes there what was learned, however it ends. */
export async function rememberingPages<T>(
  engine: Engine,
  { user, plan, module }: { readonly user: User; readonly plan: UserPlan; readonly module: ModuleName },
  source: Source,
  read: () => Promise<T>,
): Promise<T> {
  const known = plan.modules[module].pageCeilings;
  source.knowPageCeilings(module, known);
  try {
    return await read();
  } finally {
    const pageCeilings = source.pageCeilings(module);
    if (!isDeepStrictEqual(pageCeilings, known)) {
      await engine.store.noteModule(user.userKey, module, { pageCeilings });
      engine.log.info({ pageCeilings }, 'the page size that this Odoo bears has changed');
    }
  }
}
