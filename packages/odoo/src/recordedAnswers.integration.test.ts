import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type Credentials,
  type FieldSpec,
  MODULE_NAMES,
  type ModuleName,
  moduleOf,
  type SourceRecord,
  SyncError,
} from '@odoo-sync/core';
import { OdooFault } from './classify.js';
import { fieldListVersion } from './decode.js';
import { createHttpClient, type HttpClient } from './http.js';
import { createJson2 } from './json2.js';
import { createJsonRpc } from './jsonrpc.js';
import { type Expected, TABLE } from './testing/recordedTable.js';
import {
  apiKey,
  asksVersion,
  collect,
  DB,
  failureOf,
  type Handler,
  HERE,
  never,
  password,
  reply,
  Servers,
} from './testing/server.js';
import { detectVersion } from './version.js';

const FOLDER = new URL('../fixtures/', import.meta.url);

interface Recording {
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly response: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly json?: unknown;
    readonly text?: string;
  };
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

const NAMES = ['14', '19'].flatMap((version) =>
  readdirSync(new URL(`odoo${version}/`, FOLDER)).map((file) => `${version}/${file.replace(/\.json$/, '')}`),
);
const fixture = (name: string): unknown => read(`odoo${name}`);

const servers = new Servers();
let client: HttpClient | undefined;
afterEach(() => client?.close());

/** Answers with the recorded status, headers and body; the length is that of the body as stored here. */
const play =
  ({ response: { status: code, headers, json, text } }: Recording): Handler =>
  (_request, response) => {
    response.sendDate = false;
    const kept = headers.filter(([name]) => name !== 'Content-Length');
    response.writeHead(code, kept.flat());
    response.end(text ?? JSON.stringify(json));
  };

const isLogin = ({ request: { body } }: Recording): boolean =>
  (body as { params?: { method?: unknown } } | null)?.params?.method === 'authenticate';

/** Plays a recording to the transport that such a request goes through. */
async function replay(name: string, recording: Recording) {
  const loginOk = fixture(`${name.slice(0, 2)}/jsonrpc_authenticate_ok`) as Recording;
  const { url, requests } = await servers.listen((request, response) => {
    const atLogin = request.path === '/jsonrpc' && JSON.parse(request.text).params.method === 'authenticate';
    play(atLogin && !isLogin(recording) ? loginOk : recording)(request, response);
  });
  client = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 20_000_000 }, HERE);
  const { path, body } = recording.request;
  const json2 = /^\/json\/2\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  const transport = json2 ? createJson2(client, DB, apiKey.secret) : createJsonRpc(client, DB, password);
  const kwargs = json2 && typeof body === 'object' ? (body as Record<string, unknown>) : {};
  const call = transport.call(json2?.[1] ?? 'res.partner', json2?.[2] ?? 'search_read', kwargs, never);
  return { call, requests };
}

const recorded = ({ request: { path }, response: { json, text } }: Recording): unknown => {
  const body = text === undefined ? json : JSON.parse(text);
  return path === '/jsonrpc' ? ((body as { result?: unknown }).result ?? null) : body;
};

async function check(name: string, expected: Expected): Promise<void> {
  if (expected.type === 'notOurs') return;
  if (expected.type === 'fieldLists') return checkFieldLists(name);
  const recording = fixture(name) as Recording;
  switch (expected.type) {
    case 'value': {
      const { call } = await replay(name, recording);
      const answer = await call;
      expect(answer.value).toEqual(recorded(recording));
      expect(answer.date?.toUTCString()).toBe(
        recording.response.headers.find(([header]) => header === 'Date')?.[1],
      );
      return;
    }
    case 'login': {
      const { call, requests } = await replay(name, recording);
      // The number is then told that to every call the same answer is given.
      await call;
      expect(JSON.parse(requests.at(-1)?.text ?? '').params.args[1]).toBe(recorded(recording));
      return;
    }
    case 'fault': {
      const error = await failureOf((await replay(name, recording)).call);
      expect(error).toBeInstanceOf(SyncError);
      expect({
        kind: (error as SyncError).kind,
        exception: error instanceof OdooFault ? error.exception : null,
      }).toEqual({ kind: expected.kind, exception: expected.exception });
      expect(error.message).not.toContain('Traceback');
      return;
    }
    case 'version': {
      const { url } = await servers.listen((request, response) =>
        request.path === recording.request.path
          ? play(recording)(request, response)
          : reply(response, 404, '<title>404 Not Found</title>'),
      );
      client = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 20_000_000 }, HERE);
      expect(await detectVersion(client, DB, never)).toMatchObject({
        text: expected.text,
        major: expected.major,
      });
      return;
    }
    case 'page':
      return checkPageOf(name, recording);
  }
}

type FieldLists = Readonly<Record<string, Readonly<Record<string, { readonly type: string }>>>>;
const fieldListsOf = (version: string): FieldLists => fixture(`${version}/fields_get_4_models`) as FieldLists;
const moduleOfModel = (model: string): ModuleName =>
  MODULE_NAMES.find((name) => moduleOf(name).model === model) as ModuleName;

/** A session of the version that the recording is of, over the transport that it was recorded with. */
const sessionWith = async (version: string, onCall: Handler, credentials: Credentials = password) => {
  const { url } = await servers.listen((request, response) => {
    if (asksVersion(request))
      return play(fixture(`${version}/jsonrpc_common_version`) as Recording)(request, response);
    if (JSON.parse(request.text).params.method === 'authenticate') {
      return play(fixture(`${version}/jsonrpc_authenticate_ok`) as Recording)(request, response);
    }
    onCall(request, response);
  });
  return servers.open(url, credentials);
};

async function checkFieldLists(name: string): Promise<void> {
  const version = name.slice(0, 2);
  const lists = fieldListsOf(version);
  const source = await sessionWith(version, (request, response) => {
    const [, , , model, method, , kwargs] = JSON.parse(request.text).params.args;
    const all = lists[model] ?? {};
    const result =
      method === 'fields_get'
        ? Object.fromEntries(
            (kwargs.allfields as string[]).flatMap((field) => (all[field] ? [[field, all[field]]] : [])),
          )
        : true;
    reply(response, 200, { jsonrpc: '2.0', id: 1, result });
  });
  expect(source.serverVersion).toBe(`${version}.0`);
  for (const module of MODULE_NAMES) {
    const { fields, dropped } = await source.describe(module, never);
    // The fields that both versions have are never dropped, and each of the others in one of the two.
    expect(dropped.filter((field) => moduleOf(module).fields.includes(field))).toEqual([]);
    expect(fields.length).toBeGreaterThanOrEqual(41);
    const offered = lists[moduleOf(module).model];
    expect(fields).toEqual(fields.map(({ name: field }) => ({ name: field, type: offered?.[field]?.type })));
  }
}

const ofType: Readonly<Record<string, (decoded: unknown) => boolean>> = {
  boolean: (decoded) => typeof decoded === 'boolean',
  integer: (decoded) => Number.isInteger(decoded),
  float: (decoded) => Number.isFinite(decoded),
  monetary: (decoded) => Number.isFinite(decoded),
  date: (decoded) => decoded === null || /^\d{4}-\d\d-\d\d$/.test(String(decoded)),
  datetime: (decoded) => decoded === null || (decoded instanceof Date && decoded.getTime() % 1_000 === 0),
  many2one: (decoded) => {
    if (decoded === null) return true;
    const { id, name } = decoded as { id: unknown; name: unknown };
    return Number.isInteger(id) && typeof name === 'string';
  },
  one2many: (decoded) => Array.isArray(decoded) && decoded.every(Number.isInteger),
  many2many: (decoded) => Array.isArray(decoded) && decoded.every(Number.isInteger),
};
const isText = (decoded: unknown) => decoded === null || typeof decoded === 'string';
for (const type of ['char', 'text', 'html', 'selection']) Object.assign(ofType, { [type]: isText });

/** The value of Odoo's that a decoded one stands for. */
function encode(decoded: unknown, type: string): unknown {
  if (decoded === null) return false;
  if (decoded instanceof Date) return decoded.toISOString().slice(0, 19).replace('T', ' ');
  if (type !== 'many2one') return decoded;
  const { id, name } = decoded as { id: unknown; name: unknown };
  return [id, name];
}

async function checkPageOf(name: string, recording: Recording): Promise<void> {
  const version = name.slice(0, 2);
  const { args } = (recording.request.body as { params: { args: readonly unknown[] } }).params;
  const model = args[3] as string;
  const asked = (args[6] as { fields: readonly string[] }).fields;
  const module = moduleOfModel(model);
  const types = fieldListsOf(version)[model] ?? {};
  const fields: FieldSpec[] = asked.map((field) => ({ name: field, type: types[field]?.type ?? '?' }));
  const list = { fields, dropped: [], version: fieldListVersion(fields) };
  let pages = 0;
  const source = await sessionWith(version, (request, response) => {
    pages += 1;
    if (pages === 1) return play(recording)(request, response);
    reply(response, 200, { jsonrpc: '2.0', id: 1, result: [] });
  });
  const window = { start: new Date('2026-01-01T00:00:00Z'), end: new Date('2027-01-01T00:00:00Z') };
  const got = await collect(source.window(module, list, window, never));
  const records: readonly SourceRecord[] = got.flatMap((one) => one.records);
  const rows = recorded(recording) as readonly Readonly<Record<string, unknown>>[];
  expect(pages).toBe(2);
  expect(records.map(({ odooId }) => odooId)).toEqual(rows.map(({ id }) => id));
  expect(new Set(records.map(({ hash }) => hash)).size).toBe(records.length);
  for (const [n, record] of records.entries()) {
    expect(Object.keys(record.fields)).toEqual(asked);
    expect(record.writeDate).toEqual(record.fields.write_date);
    const decoded = fields.map(({ name: field, type }) => ({ field, type, value: record.fields[field] }));
    expect(decoded.filter((one) => !ofType[one.type]?.(one.value))).toEqual([]);
    expect(decoded.map((one) => encode(one.value, one.type))).toEqual(asked.map((field) => rows[n]?.[field]));
  }
}

const linesFor = (name: string) => TABLE.filter(([pattern]) => pattern.test(name));

describe('recorded answers come to what the table says', () => {
  test.each(NAMES)('%s', async (name) => {
    const lines = linesFor(name);
    expect(lines.map(([pattern]) => pattern)).toHaveLength(1);
    await check(name, (lines[0] as (typeof lines)[number])[1]);
  });

  test('and no line of the table is without a recording', () => {
    expect(TABLE.filter(([pattern]) => !NAMES.some((name) => pattern.test(name)))).toEqual([]);
  });
});

test.each(['14', '19'])('a user deleted in Odoo %s is a matter of credentials', async (version) => {
  let logins = 0;
  const { url } = await servers.listen((request, response) => {
    const atLogin = JSON.parse(request.text).params.method === 'authenticate';
    if (atLogin) logins += 1;
    const name = !atLogin
      ? 'execute_bad_uid'
      : logins === 1
        ? 'authenticate_ok'
        : 'authenticate_bad_password';
    play(fixture(`${version}/jsonrpc_${name}`) as Recording)(request, response);
  });
  client = createHttpClient(url, { timeoutMs: 5_000, maxBytes: 1_000_000 }, HERE);
  const call = createJsonRpc(client, DB, password).call('res.partner', 'search_read', {}, never);
  await expect(call).rejects.toMatchObject({ kind: 'credentials' });
});
