import type { Fault } from '../faults.js';
import { jsonWriterFor } from '../pythonJson.js';
import { databaseOf } from './json2.js';
import type { Outcome } from './outcome.js';
import { type Incoming, jsonReply, NOT_FOUND, type Reply } from './reply.js';
import { replyOfFault, type ServerWorld } from './world.js';

/** The struct that common.version and version_info give. */
export function versionInfo(version: number): Readonly<Record<string, unknown>> {
  return {
    server_version: `${version}.0`,
    server_version_info: [version, 0, 0, 'final', 0, ''],
    server_serie: `${version}.0`,
    protocol_version: 1,
  };
}

/** Missing in 14; 15 and 16 pass without a look at the database server, which later ones take when they are asked to. */
function healthOf(version: number, { method, query }: Incoming, fault: Fault | undefined): Reply {
  if (version < 15 || method !== 'GET') return NOT_FOUND;
  const looks = version >= 17 && Boolean(query.get('db_server_status'));
  const isDown = looks && fault?.kind === 'databaseDown';
  const told = looks ? `, "db_server_status": ${!isDown}` : '';
  return {
    status: isDown ? 500 : 200,
    type: 'application/json',
    body: `{"status": "${isDown ? 'fail' : 'pass'}"${told}}`,
    headers: { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' },
  };
}

/** The pages that tell the version and health without a login. `/web/version` is missing before 19. */
export function serveVersions(world: ServerWorld, incoming: Incoming): Outcome | undefined {
  const { path, method } = incoming;
  const known = ['/web/version', '/json/version', '/web/health', '/web/webclient/version_info'].includes(
    path,
  );
  if (!known) return undefined;
  const database = databaseOf(world, incoming);
  const target = { path, ...(database === undefined ? {} : { db: database.name }) };
  const fault = world.faults.take(target);
  const base = { target, database, fault };
  const direct = replyOfFault(fault);
  if (direct !== undefined) return { ...base, reply: direct };
  const version = database?.version ?? world.version();
  const write = jsonWriterFor(version);
  if (path === '/web/webclient/version_info') {
    const reply =
      method === 'POST'
        ? jsonReply(`{"jsonrpc": "2.0", "id": null, "result": ${write(versionInfo(version))}}`)
        : NOT_FOUND;
    return { ...base, reply };
  }
  if (path === '/web/health') return { ...base, reply: healthOf(version, incoming, fault) };
  if (version < 19 || method !== 'GET') return { ...base, reply: NOT_FOUND };
  return {
    ...base,
    reply: jsonReply(
      write({ version_info: versionInfo(version).server_version_info, version: `${version}.0` }),
    ),
  };
}
