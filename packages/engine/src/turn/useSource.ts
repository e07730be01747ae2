import { isDeepStrictEqual } from 'node:util';
import type { PlaceContext, WithSource } from './turnContext.js';

/**
 * Works with the user's session with Odoo: at the user's pace, with what the ledger knows of a module's too heavy pages. What
 * was learned of them is noted there, however the work ends: without a lane, by the next work that has it.
 */
export const useSource = <C extends PlaceContext, T>(
  context: C,
  work: (context: C & WithSource) => Promise<T>,
): Promise<T> =>
  context.sources.use(context.user, context.signal, async (source) => {
    const { store, user, state, module, lane, log, apiCallDelayMs } = context;
    source.setPace(Math.max(user.callDelayMs ?? apiCallDelayMs, state.paceMs));
    const known = state.modules[module].pageCeilings;
    source.knowPageCeilings(module, known);
    try {
      return await work({ ...context, source });
    } finally {
      const pageCeilings = source.pageCeilings(module);
      if (lane && !isDeepStrictEqual(pageCeilings, known)) {
        await store.noteModule(lane, { pageCeilings });
        log.info({ pageCeilings }, 'the page size that this Odoo bears has changed');
      }
    }
  });
