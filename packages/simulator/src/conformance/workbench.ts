import type { ConformanceClient } from './client.js';

/** What each group of cases works with: a logged-in client, and contacts that only this run knows. */
export interface Workbench {
  readonly client: ConformanceClient;
  /** Every contact made by this run has a name that begins with it. */
  readonly prefix: string;
  /** Makes one contact (its name is put behind the prefix) and gives its id. */
  contact(values?: Readonly<Record<string, unknown>>): Promise<number>;
  /** Ids of this run's contacts that match, in id order. */
  found(domain: readonly unknown[], context?: Readonly<Record<string, unknown>>): Promise<number[]>;
  readField<T>(id: number, field: string): Promise<T>;
}

/** `wb` is called inside tests only: there is nothing before the first `beforeAll` has run. */
export type Bench = () => Workbench;

export function makeWorkbench(client: ConformanceClient, prefix: string): Workbench {
  let made = 0;
  return {
    client,
    prefix,
    async contact(values = {}) {
      made += 1;
      return client.call<number>('res.partner', 'create', [{ name: `${prefix} ${made}`, ...values }]);
    },
    found(domain, context = {}) {
      return client.call<number[]>('res.partner', 'search', [[['name', '=like', `${prefix}%`], ...domain]], {
        order: 'id asc',
        context,
      });
    },
    async readField<T>(id: number, field: string): Promise<T> {
      const [row] = await client.call<Record<string, T>[]>('res.partner', 'read', [[id], [field]]);
      if (row === undefined) throw new Error(`No contact ${id}`);
      return row[field] as T;
    },
  };
}

/** Removes what the run made, archived or not. */
export async function clearWorkbench({ client, found }: Workbench): Promise<void> {
  const ids = await found([], { active_test: false });
  // Children first: Odoo removes no contact that others hang on.
  if (ids.length > 0) await client.call('res.partner', 'unlink', [[...ids].reverse()]);
}

/** `YYYY-MM-DD HH:MM:SS` of a text of the same form, so many seconds later. */
export function secondsAfter(text: string, seconds: number): string {
  return new Date(Date.parse(`${text.replace(' ', 'T')}Z`) + seconds * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
}
