import type { Source, User } from '@odoo-sync/core';

/** Sessions with users' Odoos, kept between turns: a login costs as much as several pages. */
export interface SourcePool {
  /** Runs `work` with the session of a user in its present life, under its present credentials and language. It is not closed before `work` ends. */
  use<T>(user: User, signal: AbortSignal, work: (source: Source) => Promise<T>): Promise<T>;
  /** Forgets a session that proved bad. */
  drop(user: User): void;
  close(): void;
}
