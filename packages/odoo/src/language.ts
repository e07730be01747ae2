import { SyncError } from '@odoo-sync/core';
import { z } from 'zod';
import { isReadingFault } from './classify.js';
import type { Transport } from './transport.js';

const CODE = z.string().regex(/^[\w@.-]{1,20}$/);
const ownContext = z.object({ lang: CODE });
const languages = z.array(z.object({ code: CODE })).max(1_000);

/** A list that is longer helps nobody. */
const NAMED = 20;

/** In which language a session's texts are. */
export interface Language {
  /** The user's, else `ODOO_LANG`, else the login's own. */
  code(signal: AbortSignal): Promise<string>;
  /** @throws SyncError `configuration` where it isn't active in this Odoo, with those that are. */
  check(signal: AbortSignal): Promise<void>;
}

/**
 * @param ofUser the user's; null where it has none.
 * @param ofFleet `ODOO_LANG`; null where it isn't set.
 */
export function createLanguage(
  transport: Transport,
  ofUser: string | null,
  ofFleet: string | null,
): Language {
  const wanted = ofUser ?? ofFleet;
  let own: Promise<string> | undefined;
  const askOwn = async (signal: AbortSignal): Promise<string> => {
    const { value } = await transport.call('res.users', 'context_get', {}, signal);
    const read = ownContext.safeParse(value);
    // A login without one reads what was written in the source's language.
    return read.success ? read.data.lang : 'en_US';
  };
  const code: Language['code'] = async (signal) => {
    if (wanted !== null) return wanted;
    own ??= askOwn(signal).catch((error: unknown) => {
      own = undefined;
      throw error;
    });
    return own;
  };
  return {
    code,
    async check(signal) {
      const lang = await code(signal);
      const active = await activeLanguages(transport, signal);
      if (active === null || active.includes(lang)) return;
      throw new SyncError(
        'configuration',
        `expected the language ${lang} (${whose(ofUser, ofFleet)}) to be active in this Odoo, but active there are ${active.slice(0, NAMED).join(', ')}: activate it there (Settings, Languages), or name one of these with \`odoo-sync user set --language\``,
      );
    },
  };
}

function whose(ofUser: string | null, ofFleet: string | null): string {
  if (ofUser !== null) return 'set for the user';
  return ofFleet === null ? "the login's own" : 'of ODOO_LANG';
}

/** Null where this login may not see them, or they make no sense: then nobody knows. */
async function activeLanguages(transport: Transport, signal: AbortSignal): Promise<readonly string[] | null> {
  try {
    const question = { domain: [['active', '=', true]], fields: ['code'], order: 'code asc' };
    const { value } = await transport.call('res.lang', 'search_read', question, signal);
    const read = languages.safeParse(value);
    return read.success && read.data.length > 0 ? read.data.map(({ code }) => code) : null;
  } catch (error) {
    if (isReadingFault(error)) return null;
    throw error;
  }
}
