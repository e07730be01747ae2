import { parsePayload, type TurnPayload } from '@odoo-sync/queue';
import type { ApiContext } from '../context.js';
import { retryTurn } from '../retryTurn.js';

/** A job's turn; null for a job that somebody else put there. */
export function turnOf(data: unknown): TurnPayload | null {
  try {
    return parsePayload(data);
  } catch {
    return null;
  }
}

/** What a job is, at a glance: `backfill · acme · contacts 2026-11-22`. */
export function jobName({ name, data }: { readonly name: string; readonly data: unknown }): string {
  const turn = turnOf(data);
  if (!turn) return name;
  const window = turn.module && `${turn.module} ${turn.windowStart?.slice(0, 10) ?? ''}`.trim();
  return [turn.kind, turn.userKey, window].filter(Boolean).join(' · ');
}

/** What is read of BullMQ's job. */
export interface FailedJob {
  readonly id?: string | undefined;
  readonly data: unknown;
}

/**
 * What Bull Board's Retry does with a job. BullMQ's own retry would leave it a single attempt, under a release number that
 * the ledger may have left behind.
 *
 * A turn that failed in the ledger gets fresh attempts there, and its job goes: the next release brings a new one. A job
 * whose turn has not failed is a leftover: it goes too, and the ledger's repair puts another if one is due.
 *
 * @returns false for a job that isn't a turn, which is BullMQ's to retry.
 */
export async function pressRetry(context: ApiContext, job: FailedJob): Promise<boolean> {
  const turn = turnOf(job.data);
  if (!turn) return false;
  const retried = await retryTurn(context, turn.turnId);
  if (job.id !== undefined) await context.jobQueue.remove(job.id);
  if (!retried) await context.handOut(turn.userKey);
  return true;
}
