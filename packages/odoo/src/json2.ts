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
      // Odoo shapes its own errors: an object that names the exception.
      if (isNamed(value)) throw faultOf(value);
      throw statusError(answer);
    },
  };
}

const isNamed = (value: unknown): value is { readonly name: string } =>
  typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string';
