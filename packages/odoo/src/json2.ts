import { faultOf, parseBody, statusError } from './classify.js';
import type { HttpClient } from './http.js';
import type { Transport } from './transport.js';

/** `POST /json/2/<model>/<method>` with an API key: Odoo 19 and later. */
export function createJson2(http: HttpClient, db: string, apiKey: string): Transport {
  const headers = { Authorization: `bearer ${apiKey}`, 'X-Odoo-Database': db };
  return {
    kind: 'json2',
    async call(model, method, kwargs, signal, ids) {
      const body = ids ? { ids, ...kwargs } : kwargs;
      const answer = await http.post(`/json/2/${model}/${method}`, body, headers, signal);
      const value = parseBody(answer);
      if (answer.status === 200 && value !== undefined) return { ...answer, value };
      if (isOdooShaped(value)) throw faultOf(value, apiKey);
      throw statusError(answer);
    },
  };
}

/** Odoo's own errors name the exception with its Python module; a gateway's JSON may have a `name` too. */
const isOdooShaped = (value: unknown): value is { readonly name: string } =>
  typeof value === 'object' &&
  value !== null &&
  /^\w+(\.\w+)+$/.test(String((value as { name?: unknown }).name));
