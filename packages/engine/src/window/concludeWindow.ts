import { maxBackoffMs, type TurnSummary } from '@odoo-sync/core';
import type { Engine } from '../turn/engine.js';
import type { Verdict } from '../turn/faults.js';
import { noop, type Ran } from '../turn/ran.js';
import type { WindowWork } from './readAndCommit.js';
import type { WorkItem } from './workItem.js';

/** Tells the ledger how an attempt ended that didn't reach its commit, and the queue what that means. */
export async function concludeWindow(
  engine: Engine,
  { user, lane, item, handle }: WindowWork,
  verdict: Verdict,
  error: unknown,
): Promise<Ran> {
  const summary = (outcome: TurnSummary['outcome']): TurnSummary => ({ outcome, pages: 0, counts: null });
  switch (verdict.type) {
    case 'handBack':
      await item.handBack(null);
      return { outcome: { type: 'handBack' }, summary: summary('handedBack') };
    case 'fencedOut':
      engine.log.warn({}, 'fenced out: another turn holds the lane, nothing of this one is kept');
      handle.log('the lane was taken by another turn: nothing of this attempt is kept');
      return noop({ type: 'delay', ms: 1_000, reason: 'the lane was lost' });
    case 'wait': {
      const now = await engine.store.now();
      await item.handBack(new Date(now.getTime() + verdict.ms), verdict.error);
      handle.log(
        `waits ${Math.round(verdict.ms / 1_000)} s without using an attempt: ${verdict.error.message}`,
      );
      return {
        outcome: { type: 'delay', ms: verdict.ms, reason: verdict.error.message },
        summary: summary('handedBack'),
      };
    }
    case 'needsAttention':
      await item.withdraw(verdict.error);
      await engine.store.needsAttention(user, verdict.error, verdict.probeAt);
      return {
        outcome: { type: 'done', result: 'withdrawn: the user needs attention' },
        summary: summary('withdrawn'),
      };
    case 'unavailable': {
      const { error: reason, probeAt } = verdict;
      await engine.store.noteModule(lane, { state: 'unavailable', reason, probeAt });
      await leaveModule(item, verdict);
      return {
        outcome: { type: 'done', result: 'withdrawn: the module is unavailable' },
        summary: summary('withdrawn'),
      };
    }
    case 'fields':
    case 'attempt': {
      const backoffMs = maxBackoffMs(engine.settings.backoffMs, item.attempts + 1);
      const now = await engine.store.now();
      const retryAt = new Date(now.getTime() + backoffMs);
      // What has no end is not read to its limits four times over: it heals by itself, slowly.
      const left = await item.fail(verdict.error, retryAt, verdict.error.kind === 'limit');
      handle.log(`attempt ${item.attempts + 1} failed: ${verdict.error.message}`);
      engine.log.warn({ kind: verdict.error.kind, left, err: error }, 'an attempt failed');
      if (left === null) return noop({ type: 'done', result: 'superseded' });
      return left === 'again'
        ? { outcome: { type: 'retry', error: asError(error) }, summary: summary('retried') }
        : { outcome: { type: 'fail', error: asError(error) }, summary: summary('failed') };
    }
  }
}

/** A batch waits for its module; a resync can't, so this window of it is over. */
async function leaveModule(
  item: WorkItem,
  { error }: Extract<Verdict, { type: 'unavailable' }>,
): Promise<void> {
  if (item.of === 'resync') await item.fail(error, error.at, true);
  else await item.withdraw(error);
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
