import { MESSAGE_MOST, plainLines, plainText } from '@odoo-sync/core';
import { UnrecoverableError } from 'bullmq';

const STACK_MOST = 4_000;

/**
 * An error as Redis keeps it with its job, and Bull Board shows it: bounded, whatever somebody wrote into its text. BullMQ keeps message and
 * stack of each attempt.
 */
export function keptError(error: unknown): Error {
  const known = error instanceof Error ? error : new Error(String(error));
  const message = plainText(String(known.message), MESSAGE_MOST);
  const stack = plainLines(String(known.stack ?? ''), STACK_MOST);
  if (message === known.message && stack === (known.stack ?? '')) return known;
  const kept = known instanceof UnrecoverableError ? new UnrecoverableError(message) : new Error(message);
  kept.name = plainText(String(known.name), STACK_MOST);
  kept.stack = stack;
  return kept;
}
