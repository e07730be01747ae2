import type { ModuleName, TurnRef, TurnSummary } from '@odoo-sync/core';
import { type ClientSession, ObjectId } from 'mongodb';
import type { StoreContext } from './context.js';
import type { TurnDocument } from './documents.js';
import type { HeldLane } from './takeLane.js';

interface Holding {
  readonly userKey: string;
  readonly module: ModuleName;
  readonly turn: TurnRef;
  readonly token: number;
  readonly session: ClientSession;
}

const RENEWALS_PER_LEASE = 4;

/** Keeps a taken lane's lease alive until it is released, or lost. */
export function holdLane(context: StoreContext, holding: Holding): HeldLane {
  const { userKey, module, turn, token, session } = holding;
  const { leaseMs } = context.settings;
  const lease = `lanes.${module}`;
  const mine = { _id: userKey, [`${lease}.token`]: token, [`${lease}.holder.doc`]: turn.doc };
  const lost = new AbortController();
  let renewedAt = performance.now();
  let unanswered = 0;

  const giveUpWhenOld = () => {
    if (performance.now() - renewedAt > leaseMs)
      lost.abort(new Error(`the lease on ${userKey}/${module} ran out`));
  };
  const renew = async () => {
    const asked = performance.now();
    unanswered++;
    try {
      const update = [{ $set: { [`${lease}.expiresAt`]: { $add: ['$$NOW', leaseMs] } } }];
      const renewed = await context.lanes.updateOne(mine, update);
      if (renewed.matchedCount === 1) renewedAt = asked;
      else lost.abort(new Error(`the lease on ${userKey}/${module} was taken over`));
    } catch (error) {
      context.log.warn({ lane: `${userKey}/${module}`, error: String(error) }, 'could not renew a lease');
    } finally {
      unanswered--;
    }
    giveUpWhenOld();
  };
  const timer = setInterval(() => {
    // A server that has fallen silent answers no renewal, with no end to the waiting.
    if (unanswered > 0) giveUpWhenOld();
    void renew();
  }, leaseMs / RENEWALS_PER_LEASE);

  return {
    userKey,
    module,
    token,
    lost: lost.signal,
    session,
    fenceId: `${userKey}/${module}`,
    async release(summary: TurnSummary) {
      clearInterval(timer);
      try {
        await giveBack(context, holding, summary);
      } catch (error) {
        context.log.warn(
          { lane: `${userKey}/${module}`, error: String(error) },
          'could not give a lane back: it expires',
        );
      } finally {
        await session.endSession();
      }
    },
  };
}

async function giveBack(context: StoreContext, holding: Holding, summary: TurnSummary): Promise<void> {
  const { userKey, module, turn, token } = holding;
  const lease = `lanes.${module}`;
  const after = await context.lanes.findOneAndUpdate(
    { _id: userKey, [`${lease}.token`]: token, [`${lease}.holder.doc`]: turn.doc },
    [
      {
        $set: {
          [`${lease}.holder`]: null,
          [`${lease}.session`]: null,
          [`${lease}.dead`]: [],
          [`${lease}.expiresAt`]: '$$NOW',
        },
      },
    ],
    { returnDocument: 'after' },
  );
  const given = after?.lanes[module];
  if (!after || !given?.takenAt) return;
  const ended: TurnDocument = {
    _id: new ObjectId(),
    userId: after.userId,
    userKey,
    module,
    doc: turn.doc,
    release: turn.release,
    kind: turn.kind,
    token,
    takenAt: given.takenAt,
    endedAt: given.expiresAt,
    outcome: summary.outcome,
    pages: summary.pages,
    counts: summary.counts,
  };
  // For operators: not worth a wait for the majority.
  await context.turns.insertOne(ended, { writeConcern: { w: 1 } });
}
