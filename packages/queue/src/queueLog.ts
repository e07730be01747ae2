/** Where this package tells what nobody waits for. pino's logger is one. */
export interface QueueLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const SILENT: QueueLog = { info() {}, warn() {} };
