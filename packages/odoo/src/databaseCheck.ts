import { SyncError } from '@odoo-sync/core';
import { z } from 'zod';
import { OdooFault, parseBody } from './classify.js';
import type { HttpClient } from './http.js';
import type { Transport } from './transport.js';

/** Odoo's HTML 404 on JSON-2: it can't open the database that is asked for. */
export class NoDatabaseError extends SyncError {}

const HEALTH = '/web/health?db_server_status=1';
const HEALTH_LIMIT_MS = 10_000;
const health = z.object({ db_server_status: z.boolean() });

type DatabaseServer = 'up' | 'down' | 'unknown';

/**
 * A wrong database name and a stopped PostgreSQL give the same answer. So where a call fails over the database, Odoo's health
 * page is asked about the database server, once. A name is called wrong only where the last call didn't get through to
 * that database: a PostgreSQL that was restarted fails one call, and is up again when its health is asked for.
 */
export function withDatabaseCheck(
  http: HttpClient,
  db: string,
  major: number,
  transport: Transport,
): Transport {
  let opened = false;
  return {
    kind: transport.kind,
    async call(...args) {
      try {
        const answer = await transport.call(...args);
        opened = true;
        return answer;
      } catch (error) {
        if (!isOfDatabase(error, transport.kind)) throw error;
        const before = opened;
        opened = false;
        throw explain(error, db, before, await databaseServer(http, major, args[3]));
      }
    },
  };
}

/** On JSON-2, Odoo has opened the database before it can name an exception. */
const isOfDatabase = (error: unknown, kind: Transport['kind']): error is SyncError =>
  error instanceof NoDatabaseError ||
  (kind === 'jsonrpc' && error instanceof OdooFault && error.exception === 'psycopg2.OperationalError');

const HEALTH_SINCE = 15;

/** Odoo 15 and 16 pass without a look at the database server, which is `unknown` then. */
async function databaseServer(http: HttpClient, major: number, signal: AbortSignal): Promise<DatabaseServer> {
  // A page that isn't there begins a session, of which Odoo keeps a file.
  if (major < HEALTH_SINCE) return 'unknown';
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(HEALTH_LIMIT_MS)]);
    const answer = await http.get(HEALTH, {}, limited);
    const read = health.safeParse(parseBody(answer));
    if (!read.success) return 'unknown';
    return read.data.db_server_status ? 'up' : 'down';
  } catch {
    return 'unknown';
  }
}

function explain(error: SyncError, db: string, opened: boolean, server: DatabaseServer): SyncError {
  const name = JSON.stringify(db);
  const said = `(${error.message})`;
  if (server === 'down')
    return new SyncError(
      'transient',
      `Odoo's database server is down, as its /web/health says: start PostgreSQL; what was asked is tried again ${said}`,
      { unreachable: true },
    );
  if (server === 'unknown')
    return new SyncError(
      'transient',
      `Odoo can't open the database ${name}: either it has none of that name, or its database server is down, and this Odoo doesn't tell which: check both ${said}`,
      { unreachable: true },
    );
  if (opened)
    return new SyncError(
      'transient',
      `Odoo can't open the database ${name} any more, though its database server is up: what was asked is tried again; if this lasts, the database was renamed or removed ${said}`,
      { unreachable: true },
    );
  return new SyncError(
    'configuration',
    `Odoo has no database ${name} that it can open, though its database server is up: check the name, and add the user anew with the right one ${said}`,
    { unreachable: true },
  );
}
