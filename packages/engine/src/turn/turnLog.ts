import type { ModuleName, TurnKind, User } from '@odoo-sync/core';
import type { WorkItem } from '../window/workItem.js';
import type { Engine } from './engine.js';

/** The engine for one turn: every line of its log tells whose, where and which attempt. */
export const logOfTurn = (engine: Engine, turn: TurnKind, userKey: string): Engine => ({
  ...engine,
  log: engine.log.child({ user: userKey, turn }),
});

/** The same within a module that a tail passes. */
export const logOfModule = (engine: Engine, module: ModuleName): Engine => ({
  ...engine,
  log: engine.log.child({ module }),
});

/** The same for a window. */
export const logOfWindow = (engine: Engine, { of, turnId, module, window, attempts }: WorkItem): Engine => ({
  ...engine,
  log: engine.log.child({ module, window: window.start, [of]: turnId, attempt: attempts + 1 }),
});

export interface CommittedWindow {
  readonly kind: TurnKind;
  readonly user: User;
  readonly module: ModuleName;
  readonly done: object;
}

/**
 * Tells of a committed window. For each one that would be thousands of lines, so a backfill is told of when it is halved once
 * more and at its end: at most a dozen lines for ten years of a module.
 */
export async function logCommitted(
  engine: Engine,
  { kind, user, module, done }: CommittedWindow,
): Promise<void> {
  engine.log.debug(done, 'a window is committed');
  if (kind !== 'backfill' || !engine.log.isLevelEnabled('info')) return;
  try {
    const left = await engine.store.windowsLeft(user.userKey, module);
    if (left === 0) engine.log.info(done, 'the backfill of a module is done');
    else if (Math.log2(left) % 1 === 0) engine.log.info({ ...done, left }, 'a backfill goes on');
  } catch (error) {
    // The window is committed: its turn has not failed.
    engine.log.warn({ err: error }, 'could not tell how far a backfill is');
  }
}
