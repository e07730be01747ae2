import type { EngineSettings, FleetFigures, JobQueue } from '@odoo-sync/core';
import type { openQueue, QueueConnection } from '@odoo-sync/queue';
import type { Logger } from '@odoo-sync/runtime';
import type { MongoStore } from '@odoo-sync/store-mongo';

export type Queue = ReturnType<typeof openQueue>;

/** What the API works with; opened and closed by `main.ts`. */
export interface Services {
  readonly store: MongoStore;
  readonly connection: QueueConnection;
  readonly turns: Queue;
  readonly tick: Queue;
  readonly jobQueue: JobQueue;
  readonly settings: EngineSettings;
  /** The fleet in a few numbers, a little old; null while they can't be had. */
  readonly figures: () => Promise<FleetFigures | null>;
  readonly log: Logger;
}
