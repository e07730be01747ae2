import { SyncError } from '@odoo-sync/core';
import { z } from 'zod';
import { parseBody, statusError, whatCame } from './classify.js';
import { databaseHeader } from './databaseHeader.js';
import type { HttpAnswer, HttpClient } from './http.js';

const VERSION = z.array(z.unknown());
const webVersion = z.object({ version: z.string(), version_info: VERSION });
const commonVersion = z.object({
  result: z.object({ server_version: z.string(), server_version_info: VERSION }),
});

const TEXT_MOST = 60;

export interface ServerVersion {
  readonly text: string;
  /** Of what is known of Odoo: a newer one counts as the newest. */
  readonly major: number;
  /** It is newer than what is known. */
  readonly newer: boolean;
  readonly answer: HttpAnswer;
}

/**
 * Odoo's version, asked without a login. Up to 18, Odoo keeps a file for each session that a page of its web client begins, so
 * `/jsonrpc` is asked, which begins none. Where that is not let through, or is gone (from 22 on), `/web/version` tells (from 19 on).
 */
export async function detectVersion(
  http: HttpClient,
  db: string,
  signal: AbortSignal,
): Promise<ServerVersion> {
  const body = {
    jsonrpc: '2.0',
    method: 'call',
    id: 1,
    params: { service: 'common', method: 'version', args: [] },
  };
  const answer = await http.post('/jsonrpc', body, databaseHeader(db), signal);
  const common = commonVersion.safeParse(parseBody(answer));
  if (common.success) {
    const { server_version: text, server_version_info: info } = common.data.result;
    return versionOf(http.veil(text, TEXT_MOST), info, answer);
  }
  const page = await http.get('/web/version', databaseHeader(db), signal);
  const web = webVersion.safeParse(parseBody(page));
  if (web.success) return versionOf(http.veil(web.data.version, TEXT_MOST), web.data.version_info, page);
  throw noVersion(http.url, answer.status === 200 ? page : answer);
}

function noVersion(url: string, answer: HttpAnswer): SyncError {
  const error = statusError(answer);
  if (answer.status >= 500 || error.kind === 'throttled' || error.kind === 'configuration') return error;
  return new SyncError(
    'transient',
    `expected an Odoo at ${url}, telling its version, got ${whatCame(answer)}: check that this is the URL of Odoo itself; a page for maintenance passes by itself`,
    { unreachable: error.unreachable },
  );
}

const OLDEST = 14;
const NEWEST = 20;

function versionOf(text: string, [first]: readonly unknown[], answer: HttpAnswer): ServerVersion {
  // Odoo Online names its versions "saas~18.2".
  const major =
    typeof first === 'number'
      ? first
      : Number(/\d{1,3}/.exec(String(first).slice(0, TEXT_MOST))?.[0] ?? Number.NaN);
  if (!(major >= OLDEST))
    throw new SyncError('configuration', `Odoo ${text} is not supported: ${OLDEST} or later is needed`);
  return { text, major: Math.min(major, NEWEST), newer: major > NEWEST, answer };
}
