import { type Credentials, SyncError } from '@odoo-sync/core';
import { type AnswerOf, answerOf } from './answerBounds.js';
import {
  faultOf,
  MISSING,
  NEW_CREDENTIALS,
  NEW_PASSWORD,
  OdooFault,
  parseBody,
  statusError,
} from './classify.js';
import type { HttpClient } from './http.js';
import { answerOfList, listAnswer } from './listAnswer.js';
import type { Answer, Transport } from './transport.js';

interface Envelope {
  readonly jsonrpc?: unknown;
  readonly result?: unknown;
  readonly error?: {
    readonly data?: { readonly name?: unknown; readonly message?: unknown };
    readonly message?: unknown;
  };
}

/** `POST /jsonrpc`: Odoo 14 to 18, and later ones where the credential is a password. The login is asked for once. */
export function createJsonRpc(http: HttpClient, db: string, { kind, login, secret }: Credentials): Transport {
  const remedy = kind === 'password' ? NEW_PASSWORD : NEW_CREDENTIALS;
  let uid: Promise<number> | undefined;
  const rpc = async (
    service: string,
    method: string,
    args: readonly unknown[],
    signal: AbortSignal,
    of: AnswerOf = 'other',
  ): Promise<Answer> => {
    const body = { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } };
    const answer = await http.post('/jsonrpc', body, {}, signal, of);
    const parsed = () => {
      const envelope = parseBody(answer) as Envelope | null | undefined;
      // A proxy's `{"status": "starting"}` must not pass for a method that returned nothing.
      if (answer.status !== 200 || envelope?.jsonrpc !== '2.0') throw statusError(answer);
      const { result, error } = envelope;
      if (error) throw faultOf(error.data ?? { message: error.message }, http.veil, remedy);
      // A method that returns None gives neither result nor error.
      return result ?? null;
    };
    const { status, date, body: bytes, ms } = answer;
    if (status === 200 && listAnswer(bytes)) return answerOfList(answer, parsed);
    return { value: parsed(), date, body: bytes, ms };
  };
  const authenticate = async (signal: AbortSignal): Promise<number> => {
    const { value } = await rpc('common', 'authenticate', [db, login, secret, {}], signal);
    if (typeof value === 'number') return value;
    if (value)
      throw new SyncError('transient', "expected a user's number from Odoo's login, got something else");
    throw new SyncError(
      'credentials',
      `Odoo doesn't accept the credentials of ${login} on the database ${db} (${remedy})`,
    );
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
      try {
        return await rpc('object', 'execute_kw', args, signal, answerOf(method, kwargs));
      } catch (error) {
        if (error instanceof OdooFault && error.exception === MISSING) {
          // Either the user was deleted, which a login tells, or a record of the answer points at one that was.
          uid = undefined;
          await known(signal);
        }
        throw error;
      }
    },
  };
}
