import { jsonWriterFor } from '../pythonJson.js';
import { databaseOf } from './json2.js';
import type { Outcome } from './outcome.js';
import { type Incoming, jsonReply, NOT_FOUND } from './reply.js';
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

/** The pages that tell the version and health without a login. `/web/version` and `/web/health` are missing in 14. */
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
  if (version < 19 || method !== 'GET') return { ...base, reply: NOT_FOUND };
  if (path === '/web/health') return { ...base, reply: jsonReply('{"status": "pass"}') };
  return {
    ...base,
    reply: jsonReply(
      write({ version_info: versionInfo(version).server_version_info, version: `${version}.0` }),
    ),
  };
}
