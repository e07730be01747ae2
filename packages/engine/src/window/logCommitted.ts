import { type Window, windowsIn } from '@odoo-sync/core';
import type { ModuleContext } from '../turn/turnContext.js';

/**
 * Logs a committed window. For each one that would be thousands of lines, so a backfill is told of when about half of what was
 * left is read, and at its end: at most a dozen lines for ten years of a module. How much is left is counted only for such a
 * line; when that may be is told by the window's own date, since windows are read from the oldest on. What failed before comes
 * out of this order: it is counted after.
 */
export async function logCommitted(
  { turn, user, state, lane, store, log }: ModuleContext,
  { window, attempts }: { readonly window: Window; readonly attempts: number },
  done: object,
): Promise<void> {
  log.debug(done, 'a window is committed');
  if (turn.kind !== 'backfill' || !log.isLevelEnabled('info')) return;
  const { tiling } = state.modules[lane.module];
  const days = tiling ? windowsIn({ start: window.end, end: tiling.until }) : 0;
  if (attempts === 0 && !isRound(days)) return;
  try {
    const left = await store.windowsLeft(user.userKey, lane.module);
    if (left === 0) log.info(done, 'the backfill of a module is done');
    else if (isRound(days) || isRound(left)) log.info({ ...done, left }, 'a backfill goes on');
  } catch (error) {
    // The window is committed: its turn has not failed.
    log.warn({ err: error }, 'could not tell how far a backfill is');
  }
}

/** 0, or a power of two. */
const isRound = (count: number): boolean => count <= 0 || Math.log2(count) % 1 === 0;
