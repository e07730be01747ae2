import type { ModuleName } from '@odoo-sync/core';

/** What came back from one call. */
export interface Answer {
  /** Parsed when it is first asked for, where its first bytes tell that it is a list. @throws SyncError where it proves to be none. */
  readonly value: unknown;
  readonly date: Date | null;
  /** The whole answer. */
  readonly body: Uint8Array;
  readonly ms: number;
}

/** One way to call a model's methods. Arguments go by name; `ids` only where the method is one of records. */
export interface Transport {
  readonly kind: 'json2' | 'jsonrpc';
  call(
    model: string,
    method: string,
    kwargs: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    ids?: readonly number[],
  ): Promise<Answer>;
}

/** What any question about a module goes with. */
export interface ModuleQuestion {
  readonly transport: Transport;
  readonly module: ModuleName;
  readonly context: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}
