import { SyncError } from '@odoo-sync/core';
import { answersOtherwise, TooHeavyError } from './tooHeavy.js';
import type { Transport } from './transport.js';

/**
 * A page that takes too long, and one that a proxy gives up on, look like an Odoo that is away. One small question tells the two
 * apart: what comes out is `unreachable` only where that fails as well.
 */
export function withProbe(transport: Transport): Transport {
  return {
    kind: transport.kind,
    async call(...args) {
      try {
        return await transport.call(...args);
      } catch (error) {
        const signal = args[3];
        const doubtful = error instanceof TooHeavyError && error.unreachable && !signal.aborted;
        throw doubtful && (await answers(transport, signal)) ? answersOtherwise(error) : error;
      }
    },
  };
}

/** A refusal is an answer, too. */
async function answers(transport: Transport, signal: AbortSignal): Promise<boolean> {
  try {
    await transport.call('res.users', 'context_get', {}, signal);
    return true;
  } catch (error) {
    return error instanceof SyncError && !error.unreachable;
  }
}
