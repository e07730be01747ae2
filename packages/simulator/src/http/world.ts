import type { SimulatedClock } from '../clock.js';
import type { SimulatedDatabase } from '../database.js';
import type { Fault, FaultPlan, FaultTarget } from '../faults.js';
import { errors, OdooError } from '../odooError.js';
import { toBytes } from '../pythonJson.js';
import { htmlReply, NO_DATABASE, type Reply } from './reply.js';

/** What every route may look at. */
export interface ServerWorld {
  readonly clock: SimulatedClock;
  readonly databases: ReadonlyMap<string, SimulatedDatabase>;
  readonly faults: FaultPlan;
  /** The version that this listener claims where no database is named. */
  readonly version: () => number;
}

/** The answer of a fault that needs no look at the data, if it is one. */
export function replyOfFault(fault: Fault | undefined): Reply | undefined {
  if (fault?.kind === 'status')
    return htmlReply(
      fault.status,
      toBytes(fault.body ?? `<html><body><h1>${fault.status}</h1></body></html>\n`),
      fault.headers ?? {},
    );
  if (fault?.kind === 'html404') return NO_DATABASE;
  if (fault?.kind === 'garbage')
    return htmlReply(
      200,
      toBytes(fault.body ?? '<!DOCTYPE html>\n<html><title>Be right back</title></html>\n'),
    );
  return fault?.kind === 'hang' || fault?.kind === 'reset' ? htmlReply(200, '') : undefined;
}

/** Raises what an armed fault says that Odoo raises. */
export function raiseFault(fault: Fault | undefined, target: FaultTarget): void {
  if (fault?.kind === 'accessDenied' || fault?.kind === 'expiredKey') throw errors.accessDenied();
  if (fault?.kind === 'accessError') throw errors.noModelAccess(target.model ?? 'res.partner', 'access');
  if (fault?.kind === 'databaseDown')
    throw new OdooError(
      'psycopg2.OperationalError',
      'connection to server at "127.0.0.1", port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n',
    );
  if (fault?.kind === 'odooError') {
    throw new OdooError(
      fault.name,
      fault.message ?? fault.name,
      fault.status === undefined ? {} : { status: fault.status },
    );
  }
}
