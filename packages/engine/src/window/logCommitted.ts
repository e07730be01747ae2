import type { ModuleContext } from '../turn/turnContext.js';

/**
 * Logs a committed window. For each one that would be thousands of lines, so a backfill is told of when it is halved once
 * more and at its end: at most a dozen lines for ten years of a module.
 */
export async function logCommitted(
  { turn, user, lane, store, log }: ModuleContext,
  done: object,
): Promise<void> {
  log.debug(done, 'a window is committed');
  if (turn.kind !== 'backfill' || !log.isLevelEnabled('info')) return;
  try {
    const left = await store.windowsLeft(user.userKey, lane.module);
    if (left === 0) log.info(done, 'the backfill of a module is done');
    else if (Math.log2(left) % 1 === 0) log.info({ ...done, left }, 'a backfill goes on');
  } catch (error) {
    // The window is committed: its turn has not failed.
    log.warn({ err: error }, 'could not tell how far a backfill is');
  }
}
