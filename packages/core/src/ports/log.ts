/** Where a package tells what nobody waits for. pino's logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const SILENT: Log = { info() {}, warn() {} };

/** A log whose lines can be told apart by what they are about. */
export interface ContextLog extends Log {
  debug(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** The same log; each of its lines carries these fields too. */
  child(fields: object): ContextLog;
  isLevelEnabled(level: string): boolean;
}
