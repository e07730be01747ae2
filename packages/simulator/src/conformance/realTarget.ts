import { type ConformanceClient, logIn } from './client.js';
import type { PreparedTarget } from './target.js';

type Session = (
  model: string,
  method: string,
  args: readonly unknown[],
  context?: object,
) => Promise<unknown>;

/** Opens a web session: only there does Odoo hand out API keys. */
async function openSession(client: ConformanceClient): Promise<Session> {
  const { db, login, password } = client.target;
  const answer = await client.post('/web/session/authenticate', {
    jsonrpc: '2.0',
    params: { db, login, password },
  });
  const cookie = answer.headers
    .getSetCookie()
    .find((header) => header.startsWith('session_id='))
    ?.split(';', 1)[0];
  if (cookie === undefined) throw new Error('The target opened no session for the administrator');
  return async (model, method, args, context = {}) => {
    const params = { model, method, args, kwargs: { context } };
    const { text } = await client.post(
      '/web/dataset/call_kw',
      { jsonrpc: '2.0', params },
      { Cookie: cookie },
    );
    const { result, error } = JSON.parse(text) as {
      result?: unknown;
      error?: { data: { name: string; message: string } };
    };
    if (error !== undefined) throw new Error(`${model}.${method}: ${error.data.name}: ${error.data.message}`);
    return result;
  };
}

/** Makes an API key as a person would: describe it, ask for it, give the password again, read it once. */
async function makeApiKey(session: Session, name: string, password: string): Promise<string> {
  const description = await session('res.users.apikeys.description', 'create', [{ name, duration: '1' }]);
  const check = (await session('res.users.apikeys.description', 'make_key', [[description]])) as {
    res_id: number;
  };
  await session('res.users.identitycheck', 'write', [[check.res_id], { password }]);
  const ready = await session('res.users.identitycheck', 'run_check', [[check.res_id]], { password });
  return (ready as { context: { default_key: string } }).context.default_key;
}

/**
 * A real server with what the suite needs beside an administrator: an API key and a user of no further group, made here and removed by
 * `release`. Names that begin alike belong to this run.
 */
export async function prepareRealTarget(given: {
  readonly url: string;
  readonly db: string;
  readonly login: string;
  readonly password: string;
  readonly apiKey: string | undefined;
}): Promise<PreparedTarget> {
  const name = `conformance-${Date.now().toString(36)}-${process.pid}-limited`;
  const limited = { login: name, password: name };
  const client = await logIn({ ...given, apiKey: '', limited });
  const session = given.apiKey === undefined ? await openSession(client) : undefined;
  const apiKey =
    session === undefined ? (given.apiKey ?? '') : await makeApiKey(session, name, given.password);
  const [, group] = await client.call<[string, number]>('ir.model.data', 'check_object_reference', [
    'base',
    'group_user',
  ]);
  const values = { name, login: name, password: name, group_ids: [[6, 0, [group]]] };
  const user = await client.call<number>('res.users', 'create', [values], {
    context: { no_reset_password: true },
  });
  const [row] = await client.call<{ partner_id: [number, string] }[]>('res.users', 'read', [
    [user],
    ['partner_id'],
  ]);
  const release = async (): Promise<void> => {
    await client.call('res.users', 'unlink', [[user]]);
    if (row !== undefined) await client.call('res.partner', 'unlink', [[row.partner_id[0]]]);
    const keys = await client.call<number[]>('res.users.apikeys', 'search', [[['name', '=', name]]]);
    // Only over a session, and one that has just shown its password.
    if (keys.length > 0) await session?.('res.users.apikeys', 'remove', [keys]);
  };
  return { target: { ...given, apiKey, limited }, release };
}
