import type { Credentials, SourceAddress, User } from '@odoo-sync/core';
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
