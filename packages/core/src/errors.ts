import { plainText } from './foreignText.js';
import type { StoreTime } from './time.js';

/**
 * What an error means to whoever meets it. The kind is what callers switch on; the message says what was expected, what came
 * and what to do, and never holds a secret. What a turn does:
 *
 * | kind | what happens |
 * |---|---|
 * | transient | the attempt is used up, backoff |
 * | throttled | the job is delayed, no attempt is used, the user's pace goes down |
 * | credentials | no retries; seen again after 60 s the user is `needs_attention` |
 * | access | the module is `unavailable` for this user, the others go on |
 * | identity | another database answers than the one that was mirrored: nothing is written, the user is `needs_attention` until somebody accepts it |
 * | fields | a field is not there or not ours to read: ask `fields_get` again, drop it, go on |
 * | limit | an answer had no end: the window is `failed` at once, and everything else of this user goes on |
 * | configuration | an operator must change something (a redirecting URL, a database that isn't there): attempt used up |
 * | odoo | the customer's Odoo, or an addon of it, raised an exception: attempt used up, or that record `unreadable` |
 * | bug | anything else: fails loudly, with context |
 *
 * Three more tell whoever asked for something why it isn't done. None of them is about an Odoo; a turn that meets one, as
 * when its user's life ends, uses up its attempt.
 *
 * | kind | what it means |
 * |---|---|
 * | invalid | what was asked for can't be: a value that isn't taken, a range that holds nothing |
 * | notFound | there is no such user |
 * | conflict | the ledger says otherwise: the user exists already, its range is as wide, its life has ended meanwhile |
 */
export const ERROR_KINDS = [
  'transient',
  'throttled',
  'credentials',
  'access',
  'identity',
  'fields',
  'limit',
  'configuration',
  'odoo',
  'bug',
  'invalid',
  'notFound',
  'conflict',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface SyncErrorOptions {
  readonly cause?: unknown;
  /** Milliseconds that the server asked to wait (`Retry-After`). */
  readonly retryAfterMs?: number;
  /** No Odoo that works was there to answer: no connection, no answer in time, something else in its place, or its database gone. */
  readonly unreachable?: boolean;
}

export class SyncError extends Error {
  readonly retryAfterMs: number | undefined;
  readonly unreachable: boolean;
  constructor(
    readonly kind: ErrorKind,
    message: string,
    options: SyncErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SyncError';
    this.retryAfterMs = options.retryAfterMs;
    this.unreachable = options.unreachable ?? false;
  }
}

/** The lane was lost (its lease expired and another took it): whatever this turn holds must not be committed. */
export class FencedOutError extends Error {
  constructor(lane: string, token: number) {
    super(
      `lane ${lane} was taken by another turn after token ${token}; this turn's work is dropped, the other's stands`,
    );
    this.name = 'FencedOutError';
  }
}

/** The turn was told to stop by its own process (SIGTERM): its job goes back without an attempt used. */
export class HandedBackError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'HandedBackError';
  }
}

/** What the ledger keeps of an error. */
export interface ErrorRecord {
  readonly kind: ErrorKind | 'crashed';
  readonly message: string;
  readonly at: StoreTime;
}

/** The longest of the engine's own sentences, with all that it repeats of a foreign one. */
export const MESSAGE_MOST = 1_000;

/** Reduces anything thrown to what the ledger keeps of it: whatever its text is, it is bounded and can be shown. */
export function errorRecordOf(error: unknown, at: StoreTime): ErrorRecord {
  const kind = error instanceof SyncError ? error.kind : 'bug';
  const message = error instanceof Error ? error.message : String(error);
  return { kind, message: plainText(String(message), MESSAGE_MOST), at };
}
