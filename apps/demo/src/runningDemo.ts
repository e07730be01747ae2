import type { Credentials, SourceAddress, User, UserReport } from '@odoo-sync/core';
import type { CliConfig } from '@odoo-sync/runtime';
import type { SimulatorClient } from '@odoo-sync/simulator';
import type { MongoStore } from '@odoo-sync/store-mongo';

/** What the demo is asked for. */
export interface DemoOptions {
  readonly once: boolean;
  /** A real Odoo instead of the simulator. */
  readonly real: { readonly address: SourceAddress; readonly credentials: Credentials } | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stop: AbortSignal;
  readonly write: (line: string) => void;
  readonly terminal: boolean;
}

/** The demo once its fleet runs. */
export interface RunningDemo {
  readonly options: DemoOptions;
  readonly store: MongoStore;
  readonly config: CliConfig;
  readonly users: readonly User[];
  readonly client: SimulatorClient | null;
  readonly began: number;
  readonly stop: AbortSignal;
}

/** How often the demo looks at the ledger. */
export const LOOK_MS = 500;

/** The reports of the demo's own users: a store of the caller's may hold others. */
export async function ourReports({
  store,
  users,
}: Pick<RunningDemo, 'store' | 'users'>): Promise<readonly UserReport[]> {
  return store.reports(users.map(({ userKey }) => userKey));
}
