import axios, { type AxiosInstance } from 'axios';

/** A window to be read without the engine: bounds as Odoo's text, everything else as the engine would ask. */
export interface BareSource {
  readonly url: string;
  readonly db: string;
  readonly apiKey: string;
  readonly model: string;
  /** Terms before those of the window. */
  readonly baseDomain?: readonly unknown[];
  readonly fields: readonly string[];
  readonly pageStart: number;
  readonly pageMost: number;
}

export interface BareWindow {
  readonly start: string;
  readonly end: string;
}

export type BareRow = Readonly<Record<string, unknown>> & { readonly id: number };

const FAST_MS = 1_000;
const GROWTH = 1.5;

/**
 * Reads windows one request at a time, with the HTTP client and the growing pages that the engine has, and nothing else
 * of it: no checks, no decoding.
 */
export function createBareReader(
  source: BareSource,
): (window: BareWindow) => AsyncGenerator<readonly BareRow[]> {
  const client: AxiosInstance = axios.create({
    baseURL: source.url,
    proxy: false,
    maxRedirects: 0,
    responseType: 'text',
    transformResponse: [(data: unknown) => data],
    headers: {
      'Content-Type': 'application/json',
      Authorization: `bearer ${source.apiKey}`,
      'X-Odoo-Database': source.db,
    },
  });
  const { model, fields, pageMost } = source;
  let limit = source.pageStart;
  return async function* read({ start, end }) {
    for (let lastId = 0; ; ) {
      const domain = [
        ...(source.baseDomain ?? []),
        ['write_date', '>=', start],
        ['write_date', '<', end],
        ['id', '>', lastId],
      ];
      const context = { active_test: false, lang: 'en_US' };
      const began = performance.now();
      const body = JSON.stringify({ domain, fields, order: 'id asc', limit, context });
      const { data } = await client.post<string>(`/json/2/${model}/search_read`, body);
      const ms = performance.now() - began;
      const rows = JSON.parse(data) as readonly BareRow[];
      const last = rows.at(-1);
      if (!last) return;
      if (rows.length >= limit && ms < FAST_MS) limit = Math.min(pageMost, Math.ceil(limit * GROWTH));
      lastId = last.id;
      yield rows;
    }
  };
}
