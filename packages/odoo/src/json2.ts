import { SyncError } from '@odoo-sync/core';
import { answerOf } from './answerBounds.js';
import { faultOf, parseBody, statusError } from './classify.js';
import { NoDatabaseError } from './databaseCheck.js';
import { databaseHeader } from './databaseHeader.js';
import type { HttpClient } from './http.js';
import { answerOfList, listAnswer } from './listAnswer.js';
import type { Transport } from './transport.js';

const CARRIED = /^[\x20-\x7e]*$/;

/** `POST /json/2/<model>/<method>` with an API key: Odoo 19 and later. */
export function createJson2(http: HttpClient, db: string, apiKey: string): Transport {
  const headers = { Authorization: `bearer ${apiKey}`, ...databaseHeader(db) };
  return {
    kind: 'json2',
    async call(model, method, kwargs, signal, ids) {
      if (!CARRIED.test(apiKey))
        throw new SyncError(
          'credentials',
          'expected an API key as Odoo shows it, got one with characters that no header can carry: give the user new credentials',
        );
      const body = ids ? { ids, ...kwargs } : kwargs;
      const path = `/json/2/${model}/${method}`;
      const answer = await http.post(path, body, headers, signal, answerOf(method, kwargs));
      const { status, date, body: bytes, ms } = answer;
      const parsed = () => {
        const value = parseBody(answer);
        if (value === undefined) throw statusError(answer);
        return value;
      };
      if (status === 200 && listAnswer(bytes)) return answerOfList(answer, parsed);
      const value = parseBody(answer);
      if (status === 200 && value !== undefined) return { value, date, body: bytes, ms };
      if (isOdooShaped(value)) throw faultOf(value, http.veil);
      if (answer.status === 404 && /^text\/html\b/.test(answer.contentType))
        throw new NoDatabaseError(
          'transient',
          'Odoo, or a proxy that does not let /json/2 through, answered HTTP 404',
        );
      throw statusError(answer);
    },
  };
}

/** Odoo's own errors name the exception with its Python module; a gateway's JSON may have a `name` too. */
function isOdooShaped(value: unknown): value is { readonly name: string } {
  const { name } = (value ?? {}) as { readonly name?: unknown };
  return typeof name === 'string' && /^\w{1,60}\.\w/.test(name);
}
