import { joinBytes } from '../byteRun.js';
import type { SimulatedDatabase } from '../database.js';
import type { FaultTarget } from '../faults.js';
import { isModelName } from '../fieldTable.js';
import { methodOf } from '../methods/table.js';
import { OdooError } from '../odooError.js';
import { jsonWriterFor } from '../pythonJson.js';
import { staticRecords } from '../staticModels.js';
import type { SimulatedUser } from '../users.js';
import { callModel } from './callModel.js';
import type { Outcome } from './outcome.js';
import { errorData, type Incoming, jsonReply, NO_DATABASE, wrongContentType } from './reply.js';
import { raiseFault, replyOfFault, type ServerWorld } from './world.js';

const werkzeug = (
  kind: 'NotFound' | 'Unauthorized' | 'BadRequest' | 'UnprocessableEntity',
  message: string,
): OdooError => new OdooError(`werkzeug.exceptions.${kind}`, message);

/** The database that the header names, or the only one there is. */
export function databaseOf(world: ServerWorld, incoming: Incoming): SimulatedDatabase | undefined {
  const named = incoming.headers['x-odoo-database'];
  if (named !== undefined) return world.databases.get(named);
  return world.databases.size === 1 ? [...world.databases.values()][0] : undefined;
}

function userByKey(
  database: SimulatedDatabase,
  authorization: string | undefined,
  expired: boolean,
): SimulatedUser {
  const key = /^bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (key === undefined)
    throw werkzeug(
      'Unauthorized',
      'User not authenticated, use an API Key with a Bearer Authorization header.',
    );
  const user = database.users.find((candidate) => candidate.apiKey === key);
  if (user === undefined || user.keyExpired || !user.active || expired)
    throw werkzeug('Unauthorized', 'Invalid apikey');
  return user;
}

/** A body that is no JSON object counts as empty, as the real server has it: such a call reads the whole table. */
function bodyOf(incoming: Incoming): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(incoming.body === '' ? '{}' : incoming.body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    throw werkzeug(
      'BadRequest',
      'could not parse the body as json: Expecting value: line 1 column 12 (char 11)',
    );
  }
}

/** POST /json/2/<model>/<method>: Odoo 19 and later. Errors carry an HTTP status and the bare data object. */
export function serveJson2(world: ServerWorld, incoming: Incoming): Outcome {
  const [model = '', method = '', ...rest] = incoming.path
    .slice('/json/2/'.length)
    .split('/')
    .map(decodeURIComponent);
  const database = databaseOf(world, incoming);
  const body = safely(() => bodyOf(incoming));
  const domain = body instanceof OdooError ? undefined : body.domain;
  const target: FaultTarget = {
    path: incoming.path,
    model,
    method,
    ...(database === undefined ? {} : { db: database.name }),
    domain,
    limit: body instanceof OdooError ? undefined : body.limit,
  };
  const fault = world.faults.take(target);
  const base = { target, database, fault };
  const direct = replyOfFault(fault);
  if (direct !== undefined) return { ...base, reply: direct };
  if (database === undefined || fault?.kind === 'databaseDown') return { ...base, reply: NO_DATABASE };
  const write = jsonWriterFor(database.version);
  if (database.version < 19) {
    const missing = new OdooError(
      'werkzeug.exceptions.NotFound',
      '404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
      { args: [] },
    );
    return {
      ...base,
      reply: jsonReply(
        `{"jsonrpc": "2.0", "id": null, "error": {"code": 404, "message": "404: Not Found", "data": ${errorData(missing, write)}, "http_status": 404}}`,
        404,
      ),
    };
  }
  const routed = incoming.method === 'POST' && model !== '' && method !== '' && rest.length === 0;
  if (routed && incoming.headers['content-type']?.startsWith('application/json') !== true)
    return { ...base, reply: wrongContentType('/json/2/', 'application/json') };
  try {
    if (!routed) throw werkzeug('NotFound', 'Did you mean POST /json/2/<model>/<method>?');
    if (body instanceof OdooError) throw body;
    const user = userByKey(database, incoming.headers.authorization, fault?.kind === 'expiredKey');
    raiseFault(fault, target);
    const result = call({ world, database, user, fault }, model, method, body);
    return {
      ...base,
      reply: jsonReply(joinBytes(result.json ?? 'null')),
      rows: result.rows,
      limit: body.limit,
    };
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    const headers = error.status === 401 ? { 'WWW-Authenticate': 'Bearer ' } : {};
    return {
      ...base,
      reply: jsonReply(errorData(error, write), error.status, headers as Record<string, string>),
    };
  }
}

interface Caller {
  readonly world: ServerWorld;
  readonly database: SimulatedDatabase;
  readonly user: SimulatedUser;
  readonly fault: Outcome['fault'];
}

function call(
  { world, database, user, fault }: Caller,
  model: string,
  method: string,
  body: Readonly<Record<string, unknown>>,
): ReturnType<typeof callModel> {
  const isKnown = isModelName(model);
  if (!isKnown && staticRecords(model) === undefined)
    throw werkzeug('NotFound', `the model '${model}' does not exist`);
  const found = methodOf(method, database.version);
  if (isKnown && found === undefined && !method.startsWith('_'))
    throw werkzeug('NotFound', `The method '${model}.${method}' does not exist`);
  const { ids, ...kwargs } = body;
  if (isKnown && found !== undefined && found.onRecords !== true && Array.isArray(ids) && ids.length > 0)
    throw werkzeug('UnprocessableEntity', `cannot call ${model}.${method} with ids`);
  const named = found?.onRecords === true || !isKnown ? body : kwargs;
  return callModel({
    database,
    user,
    model,
    method,
    args: [],
    kwargs: named,
    fault,
    now: () => world.clock.now(),
  });
}

function safely<T>(work: () => T): T | OdooError {
  try {
    return work();
  } catch (error) {
    if (error instanceof OdooError) return error;
    throw error;
  }
}
