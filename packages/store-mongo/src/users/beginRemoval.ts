import { MODULE_NAMES, type ModuleName, SyncError, storeTime, type UserRef } from '@odoo-sync/core';
import { fenceIdOf, ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';
import { deadSessions } from '../lanes/leases.js';
import { FENCE_WAIT_MS } from '../lanes/raiseFences.js';
import { isOutOfTime } from '../mongoErrors.js';
import { killSession } from '../session.js';

const FOREVER = storeTime(new Date('9999-01-01T00:00:00Z'));
const FENCE_TRIES = 30;
/** Who holds the lanes of a user that is being removed. */
const PURGE = { doc: 'purge', release: 0, kind: 'purge' };

/**
 * Ends a user's life: marks it for removal, then takes all of its lanes for good. Tokens rise, holders' sessions are killed, and the
 * fences follow. From then on no turn of this life can commit. Repeating it is safe, also when the same id lives again.
 */
export async function beginRemoval(context: StoreContext, user: UserRef): Promise<void> {
  const marked = await context.users.updateOne(ofLife(user), { $set: { standing: 'removing' } });
  if (marked.matchedCount === 0) {
    throw new SyncError(
      'conflict',
      `there is no user ${user.userKey}, or it was removed and added again since it was looked up`,
    );
  }
  await context.plans.updateOne(ofLife(user), { $set: { nextTurnAt: FOREVER }, $inc: { rev: 1 } });
  for (const module of MODULE_NAMES) await seize(context, user, module);
}

async function seize(context: StoreContext, user: UserRef, module: ModuleName): Promise<void> {
  const path = `lanes.${module}`;
  const after = await context.lanes.findOneAndUpdate(
    ofLife(user),
    [
      {
        $set: {
          [path]: {
            token: { $add: [{ $ifNull: [`$${path}.token`, 0] }, 1] },
            holder: { $literal: PURGE },
            session: null,
            expired: null,
            dead: deadSessions(path),
            takenAt: '$$NOW',
            expiresAt: FOREVER,
          },
        },
      },
    ],
    { returnDocument: 'after' },
  );
  const lease = after?.lanes[module];
  if (!lease) return;
  const { token, dead } = lease;
  for (let tries = 1; ; tries++) {
    for (const id of dead) await killSession(context, id);
    try {
      await context.fences.updateOne(
        { _id: fenceIdOf(user.userKey, module) },
        { $max: { token } },
        { maxTimeMS: FENCE_WAIT_MS },
      );
      return;
    } catch (error) {
      if (!isOutOfTime(error) || tries >= FENCE_TRIES) throw error;
    }
  }
}
