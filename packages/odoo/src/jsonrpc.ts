import { type Credentials, SyncError } from '@odoo-sync/core';
import { faultOf, parseBody, statusError } from './classify.js';
import type { HttpClient } from './http.js';
import type { Answer, Transport } from './transport.js';

interface Envelope {
  readonly result?: unknown;
  readonly error?: { readonly data?: { readonly name?: unknown; readonly message?: unknown }; readonly message?: unknown };
}

/** `POST /jsonrpc`: Odoo 14 to 18, and later ones where the credential is a password. The login is asked for once. */
export function createJsonRpc(http: HttpClient, db: string, { login, secret }: Credentials): Transport {
  let uid: Promise<number> | undefined;
  const authenticate = async (signal: AbortSignal): Promise<number> => {
    const { value } = await rpc(http, 'common', 'authenticate', [db, login, secret, {}], signal);
    if (typeof value === 'number') return value;
    throw new SyncError('credentials', `Odoo doesn't accept the credentials of ${login} on the database ${db}`);
  };
  const known = (signal: AbortSignal): Promise<number> => {
    uid ??= authenticate(signal).catch((error: unknown) => {
      uid = undefined;
      throw error;
    });
    return uid;
  };
  return {
    kind: 'jsonrpc',
    async call(model, method, kwargs, signal, ids) {
      const args = [db, await known(signal), secret, model, method, ids ? [ids] : [], kwargs];
      return rpc(http, 'object', 'execute_kw', args, signal);
    },
  };
}

async function rpc(
  http: HttpClient,
  service: string,
  method: string,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<Answer> {
  const body = { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } };
  const answer = await http.post('/jsonrpc', body, {}, signal);
  const envelope = parseBody(answer);
  if (answer.status !== 200 || typeof envelope !== 'object' || envelope === null) throw statusError(answer);
  const { result, error } = envelope as Envelope;
  if (error) throw faultOf(error.data ?? { message: error.message });
  // A method that returns None gives neither result nor error.
  return { ...answer, value: result ?? null };
}
