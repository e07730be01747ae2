export interface OdooLog {
  warn(fields: object, message: string): void;
}

export interface OdooSourceOptions {
  /** `LIMIT_PER_CALL`: where the page size starts. */
  readonly limitPerCall: number;
  /** `LIMIT_PER_CALL_MAX`: where it may grow to. */
  readonly limitPerCallMax: number;
  /** `API_CALL_DELAY_MS`: pause between two pages. */
  readonly apiCallDelayMs: number;
  /** `ODOO_TIMEOUT_MS` */
  readonly requestTimeoutMs: number;
  /** `ODOO_MAX_ANSWER_BYTES` */
  readonly maxAnswerBytes: number;
  /** `ODOO_LANG` */
  readonly lang: string;
  readonly log: OdooLog;
}
