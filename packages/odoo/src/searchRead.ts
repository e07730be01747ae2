import { type Domain, type ModuleName, moduleOf } from '@odoo-sync/core';
import { OdooFault } from './classify.js';
import type { Doubts } from './doubts.js';
import { explainRefusal, RecordFault } from './explainRefusal.js';
import type { Answer, Transport } from './transport.js';

/** What is asked of a record whose content isn't wanted. */
export const LIGHT: readonly string[] = ['id', 'write_date'];

/** Asks for at most `limit` records, in id order. @param terms beside the module's own. */
export type SearchRead = (
  module: ModuleName,
  terms: Domain,
  fields: readonly string[],
  limit: number,
  signal: AbortSignal,
) => Promise<Answer>;

/** The context of a question: the session's language, and archived records too. */
export type ContextOf = (signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;

/** Asks, and throws what Odoo answers. */
export const createPlainRead =
  (transport: Transport, contextOf: ContextOf): SearchRead =>
  async (module, terms, fields, limit, signal) => {
    const { model, baseDomain } = moduleOf(module);
    const context = await contextOf(signal);
    const kwargs = { domain: [...baseDomain, ...terms], fields, order: 'id asc', limit, context };
    return transport.call(model, 'search_read', kwargs, signal);
  };

/** Asks, and finds out what a refusal means. */
export const createSearchRead =
  (plainRead: SearchRead, transport: Transport, major: number, doubts: Doubts): SearchRead =>
  async (module, terms, fields, limit, signal) => {
    try {
      return await plainRead(module, terms, fields, limit, signal);
    } catch (error) {
      const explained = await explainRefusal(error, { transport, major, module, fields, signal });
      const ofAccess = error instanceof OdooFault && error.kind === 'access';
      if (explained instanceof RecordFault && ofAccess)
        throw doubts.raise(module, explained.message) ?? explained;
      throw explained;
    }
  };
