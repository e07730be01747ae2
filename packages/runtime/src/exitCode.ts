import type { ErrorKind } from '@odoo-sync/core';

/** How a program ends. 64 and 78 are `EX_USAGE` and `EX_CONFIG` of sysexits.h. */
export const EXIT = {
  /** What was asked for is done. */
  done: 0,
  /** It was tried, and something failed. */
  failed: 1,
  /** The command line itself is wrong: said again, it stays so. */
  usage: 64,
  /** Settings or credentials, or the servers that they name, must change first: starting again changes nothing. */
  configuration: 78,
} as const;

const OF_KIND: Readonly<Record<ErrorKind, number>> = {
  transient: EXIT.failed,
  throttled: EXIT.failed,
  credentials: EXIT.configuration,
  access: EXIT.failed,
  identity: EXIT.failed,
  fields: EXIT.failed,
  limit: EXIT.failed,
  configuration: EXIT.configuration,
  odoo: EXIT.failed,
  bug: EXIT.failed,
  invalid: EXIT.usage,
  notFound: EXIT.failed,
  conflict: EXIT.failed,
};

/** The exit code that an error asks for: its own `exitCode`, or that of its kind; 1 for one that has neither. */
export function exitCodeOf(error: unknown): number {
  const { exitCode, kind } = (error ?? {}) as { readonly exitCode?: unknown; readonly kind?: unknown };
  if (typeof exitCode === 'number') return exitCode;
  return typeof kind === 'string' && Object.hasOwn(OF_KIND, kind) ? OF_KIND[kind as ErrorKind] : EXIT.failed;
}
