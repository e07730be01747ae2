import { joinBytes } from '../byteRun.js';
import type { SimulatedDatabase } from '../database.js';
import type { FaultTarget } from '../faults.js';
import { errors, OdooError } from '../odooError.js';
import { jsonWriterFor } from '../pythonJson.js';
import type { SimulatedUser } from '../users.js';
import { callModel } from './callModel.js';
import { databaseOf } from './json2.js';
import type { Outcome } from './outcome.js';
import { errorData, htmlReply, type Incoming, jsonReply, type Reply, wrongContentType } from './reply.js';
import { versionInfo } from './versions.js';
import { raiseFault, replyOfFault, type ServerWorld } from './world.js';

interface Parameters {
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Checks the login of an `object` call as the server does: uid first, then password or key. */
function userByUid(database: SimulatedDatabase, uid: unknown, secret: unknown): SimulatedUser {
  const user = database.users.find((candidate) => candidate.uid === uid);
  if (user === undefined) throw errors.missing('res.users', Number(uid), Number(uid));
  if (!accepts(user, secret)) throw errors.accessDenied();
  return user;
}

function accepts(user: SimulatedUser, secret: unknown): boolean {
  return (
    user.active &&
    (secret === user.password || (user.apiKey !== undefined && secret === user.apiKey && !user.keyExpired))
  );
}

function databaseNamed(world: ServerWorld, name: unknown): SimulatedDatabase {
  const database = world.databases.get(String(name));
  if (database === undefined) throw errors.noDatabase(world.version(), String(name));
  return database;
}

/** POST /jsonrpc: the services `common` and `object`. Errors come with HTTP 200. */
export function serveJsonrpc(world: ServerWorld, incoming: Incoming): Outcome {
  const old = world.version() < 19;
  const plain: FaultTarget = { path: incoming.path };
  if (
    incoming.method !== 'POST' ||
    incoming.headers['content-type']?.startsWith('application/json') !== true
  ) {
    const reply = old
      ? htmlReply(
          400,
          '<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>Session expired (invalid CSRF token)</p>\n',
        )
      : wrongContentType(incoming.path, 'application/json, application/json-rpc');
    return { target: plain, reply };
  }
  const parsed = parse(incoming.body, old);
  if (!parsed.ok) return { target: plain, reply: parsed.reply };
  const { id = null, params } = parsed.value;
  return answer(world, incoming, id, (params ?? {}) as Partial<Parameters>);
}

type Parsed =
  | { readonly ok: true; readonly value: { readonly id?: unknown; readonly params?: unknown } }
  | { readonly ok: false; readonly reply: Reply };

function parse(body: string, old: boolean): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    const text = old
      ? '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>Invalid JSON data</p>\n'
      : 'Invalid JSON data';
    return { ok: false, reply: htmlReply(400, text, { 'X-Content-Type-Options': 'nosniff' }) };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ok: true, value };
  return {
    ok: false,
    reply: old
      ? htmlReply(500, '<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n')
      : htmlReply(400, 'Invalid JSON-RPC data', { 'X-Content-Type-Options': 'nosniff' }),
  };
}

function answer(
  world: ServerWorld,
  incoming: Incoming,
  id: unknown,
  { service, method, args = [] }: Partial<Parameters>,
): Outcome {
  const isObjectCall = service === 'object';
  const kwargs = (isObjectCall ? (args[6] ?? {}) : {}) as Readonly<Record<string, unknown>>;
  const positional = (isObjectCall && Array.isArray(args[5]) ? args[5] : []) as readonly unknown[];
  // Only `common.version` names none in its body.
  const database = args[0] === undefined ? databaseOf(world, incoming) : world.databases.get(String(args[0]));
  const target: FaultTarget = isObjectCall
    ? {
        path: incoming.path,
        db: String(args[0]),
        model: String(args[3]),
        method: String(args[4]),
        domain: kwargs.domain ?? positional[0],
        limit: kwargs.limit,
      }
    : {
        path: incoming.path,
        method: `${service}.${method}`,
        ...(args[0] !== undefined ? { db: String(args[0]) } : database ? { db: database.name } : {}),
      };
  const fault = world.faults.take(target);
  const base = { target, database, fault };
  const direct = replyOfFault(fault);
  if (direct !== undefined) return { ...base, reply: direct };

  const version = database?.version ?? world.version();
  const write = jsonWriterFor(version);
  const head = `{"jsonrpc": "2.0", "id": ${write(id)}`;
  try {
    const needsDatabase = service !== 'common' || method !== 'version';
    if (needsDatabase || fault?.kind !== 'databaseDown') raiseFault(fault, target);
    if (!needsDatabase)
      return { ...base, reply: jsonReply(`${head}, "result": ${write(versionInfo(version))}}`) };
    if (service === 'common' && (method === 'authenticate' || method === 'login')) {
      const user = databaseNamed(world, args[0]).users.find((candidate) => candidate.login === args[1]);
      const result = user !== undefined && accepts(user, args[2]) ? user.uid : false;
      return { ...base, reply: jsonReply(`${head}, "result": ${write(result)}}`) };
    }
    if (service === undefined || method === undefined) {
      throw new OdooError(
        'builtins.TypeError',
        "JSONRPC.jsonrpc() missing 3 required positional arguments: 'service', 'method', and 'args'",
      );
    }
    if (!isObjectCall) throw new OdooError('builtins.KeyError', service);
    if (method !== 'execute_kw' && method !== 'execute')
      throw new OdooError('builtins.NameError', `Method not available ${method}`);
    const home = databaseNamed(world, args[0]);
    const user = userByUid(home, args[1], args[2]);
    const result = callModel({
      database: home,
      user,
      model: String(args[3]),
      method: String(args[4]),
      args: positional,
      kwargs,
      fault,
      now: () => world.clock.now(),
    });
    const body = result.json === undefined ? [`${head}}`] : [`${head}, "result": `, result.json, '}'];
    return { ...base, reply: jsonReply(joinBytes(...body)), rows: result.rows, limit: kwargs.limit };
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    const text = `${head}, "error": {"code": ${version >= 19 ? 0 : 200}, "message": "Odoo Server Error", "data": ${errorData(error, write)}}}`;
    return { ...base, reply: { ...jsonReply(text), headers: {} } };
  }
}
