import { SyncError } from '@odoo-sync/core';
import type { OdooRequest, OdooSourceOptions } from './options.js';

/** Asks, and tells how that ended. */
export type Observe = <T>(
  transport: OdooRequest['transport'],
  signal: AbortSignal,
  ask: () => Promise<T>,
) => Promise<T>;

/** @param onRequest who is told; nobody where there is none. */
export function observeRequests(onRequest: OdooSourceOptions['onRequest'] = () => {}): Observe {
  return async (transport, signal, ask) => {
    const began = performance.now();
    const ended = (outcome: OdooRequest['outcome']) =>
      onRequest({ transport, outcome, seconds: (performance.now() - began) / 1_000 });
    const answer = await ask().catch((error: unknown) => {
      ended(signal.aborted ? 'ended' : error instanceof SyncError ? error.kind : 'bug');
      throw error;
    });
    ended('ok');
    return answer;
  };
}
