import type { ErrorKind } from '@odoo-sync/core';
import type { ProxyOptions } from './agents.js';

/** How one question to an Odoo ended. */
export interface OdooRequest {
  /** `web`: Odoo's page about its version, which is asked before a transport is picked. */
  readonly transport: 'json2' | 'jsonrpc' | 'web';
  /** `ended`: by the signal of whoever asked. */
  readonly outcome: 'ok' | ErrorKind | 'ended';
  readonly seconds: number;
}

export interface OdooLog {
  warn(fields: object, message: string): void;
}

export interface OdooSourceOptions {
  /** `LIMIT_PER_CALL`: where the page size starts. */
  readonly limitPerCall: number;
  /** `LIMIT_PER_CALL_MAX`: where it may grow to. */
  readonly limitPerCallMax: number;
  /** `API_CALL_DELAY_MS`: pause between two requests. */
  readonly apiCallDelayMs: number;
  /** `ODOO_TIMEOUT_MS` */
  readonly requestTimeoutMs: number;
  /** `ODOO_MAX_ANSWER_BYTES` */
  readonly maxAnswerBytes: number;
  /** How many turns of this process read at once: they share its memory. One where nothing is said. */
  readonly readers?: number;
  /** `ODOO_LANG`; each login's own where it is null. */
  readonly lang: string | null;
  /** `ODOO_ALLOW`: kinds of addresses, ranges and hosts. */
  readonly allow: readonly string[];
  /** `ODOO_PROXY` and `ODOO_NO_PROXY`; asked without one where there is none. */
  readonly proxy?: ProxyOptions | null;
  /** `CLOCK_MAX_SKEW_MS`; an hour where nothing is said. */
  readonly clockMaxSkewMs?: number;
  /** The store's clock, in milliseconds; this machine's where there is none. */
  readonly now?: () => number;
  readonly log: OdooLog;
  /** Told of each question once it has ended: for metrics. */
  readonly onRequest?: (request: OdooRequest) => void;
}
