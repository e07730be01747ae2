import { isDeepStrictEqual } from 'node:util';
import type { Source } from '@odoo-sync/core';
import type { LaneWork } from '../module/prepareModule.js';
import type { Engine } from './engine.js';

/** Reads a module with what the ledger knows of its too heavy pages, and notes there what was learned, however it ends. */
export async function rememberingPages<T>(
  engine: Engine,
  { plan, lane }: LaneWork,
  source: Source,
  read: () => Promise<T>,
): Promise<T> {
  const { module } = lane;
  const known = plan.modules[module].pageCeilings;
  source.knowPageCeilings(module, known);
  try {
    return await read();
  } finally {
    const pageCeilings = source.pageCeilings(module);
    if (!isDeepStrictEqual(pageCeilings, known)) {
      await engine.store.noteModule(lane, { pageCeilings });
      engine.log.info({ pageCeilings }, 'the page size that this Odoo bears has changed');
    }
  }
}
