import { SyncError } from '@odoo-sync/core';
import { z } from 'zod';
import { parseBody, statusError, whatCame } from './classify.js';
import type { HttpAnswer, HttpClient } from './http.js';

const webVersion = z.object({ version: z.string(), version_info: z.array(z.unknown()) });
const versionInfo = z.object({
  result: z.object({ server_version: z.string(), server_version_info: z.array(z.unknown()) }),
});

export interface ServerVersion {
  readonly text: string;
  readonly major: number;
  readonly answer: HttpAnswer;
}

/** Odoo's version, asked without a login: `/web/version` where there is one, else `/web/webclient/version_info`. */
export async function detectVersion(
  http: HttpClient,
  db: string,
  signal: AbortSignal,
): Promise<ServerVersion> {
  const headers = { 'X-Odoo-Database': db };
  const answer = await http.get('/web/version', headers, signal);
  const read = webVersion.safeParse(parseBody(answer));
  if (read.success) return versionOf(read.data.version, read.data.version_info, answer);
  // Before 19 that path is none of Odoo's: a 404, or a redirect to the login page.
  const older = await http.post(
    '/web/webclient/version_info',
    { jsonrpc: '2.0', method: 'call', params: {} },
    headers,
    signal,
  );
  const info = versionInfo.safeParse(parseBody(older));
  if (info.success)
    return versionOf(info.data.result.server_version, info.data.result.server_version_info, older);
  throw noVersion(http.url, older.status === 200 ? answer : older);
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

function versionOf(text: string, [first]: readonly unknown[], answer: HttpAnswer): ServerVersion {
  // Odoo Online names its versions "saas~18.2".
  const major = typeof first === 'number' ? first : Number(/(\d+)/.exec(String(first))?.[1] ?? Number.NaN);
  if (!(major >= OLDEST))
    throw new SyncError('configuration', `Odoo ${text} is not supported: ${OLDEST} or later is needed`);
  return { text, major, answer };
}
