import { type FleetFigures, inTime, type Store } from '@odoo-sync/core';
import { type openQueue, type QueueConnection, type QueueFigures, queueFigures } from '@odoo-sync/queue';

const LIMIT_MS = 2_000;

/** The whole fleet in the ledger. @throws in seconds where MongoDB is away: its queries would wait longer. */
export async function probeLedger(store: Store): Promise<FleetFigures> {
  await inTime(LIMIT_MS, 'MongoDB', store.ping());
  return store.fleetFigures();
}

/** The queue of turns. @throws in seconds where Redis is away: what is asked of it then would wait until it is back. */
export async function probeQueue(
  connection: QueueConnection,
  queue: ReturnType<typeof openQueue>,
): Promise<QueueFigures> {
  await connection.ping();
  return inTime(LIMIT_MS, `Redis at ${connection.name}`, queueFigures(queue));
}
