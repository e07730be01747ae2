/** An Odoo as the oracle asks it: by `/jsonrpc` and a password, with nothing of the engine's client. */
export interface OracleOdoo {
  readonly url: string;
  readonly db: string;
  readonly login: string;
  readonly password: string;
}

export type Row = Readonly<Record<string, unknown>> & { readonly id: number };

const PAGE = 1_000;

async function rpc(
  odoo: OracleOdoo,
  service: string,
  method: string,
  args: readonly unknown[],
): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${odoo.url}/jsonrpc`, { method: 'POST', body, headers });
  const answer = (await response.json()) as {
    result?: unknown;
    error?: { data?: { name?: string; message?: string } };
  };
  if (answer.error)
    throw new Error(`oracle: ${method} failed: ${answer.error.data?.name} ${answer.error.data?.message}`);
  return answer.result;
}

const logins = new Map<string, Promise<unknown>>();

async function login(odoo: OracleOdoo): Promise<unknown> {
  const key = [odoo.url, odoo.db, odoo.login].join(' ');
  const known =
    logins.get(key) ?? rpc(odoo, 'common', 'authenticate', [odoo.db, odoo.login, odoo.password, {}]);
  logins.set(key, known);
  const uid = await known;
  if (!uid) throw new Error(`oracle: ${odoo.login} can't log in to ${odoo.db}`);
  return uid;
}

/** Calls a model's method with keyword arguments. */
export async function call(
  odoo: OracleOdoo,
  model: string,
  method: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const uid = await login(odoo);
  return rpc(odoo, 'object', 'execute_kw', [odoo.db, uid, odoo.password, model, method, args, kwargs]);
}

/** Odoo's type of each field that this user may read. */
export async function fieldTypes(odoo: OracleOdoo, model: string): Promise<ReadonlyMap<string, string>> {
  const found = (await call(odoo, model, 'fields_get', [], { attributes: ['type'] })) as Record<
    string,
    { type: string }
  >;
  return new Map(Object.entries(found).map(([name, { type }]) => [name, type]));
}

/** Every record of a domain, archived ones too, page by page in id order. */
export async function* allRows(
  odoo: OracleOdoo,
  model: string,
  domain: readonly unknown[],
  fields: readonly string[],
): AsyncGenerator<readonly Row[]> {
  for (let last = 0; ; ) {
    const rows = (await call(odoo, model, 'search_read', [[...domain, ['id', '>', last]]], {
      fields,
      order: 'id asc',
      limit: PAGE,
      context: { active_test: false, lang: 'en_US' },
    })) as Row[];
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1)?.id ?? last;
  }
}
