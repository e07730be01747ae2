import { later, type ModuleName, type TurnRef, type TurnSummary } from '@odoo-sync/core';
import { type ClientSession, ObjectId } from 'mongodb';
import { fenceIdOf, type LanesDocument, type TurnDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import type { HeldLane } from './heldLane.js';
import { giveBackLeases, type TakenLease } from './leases.js';

interface Holding {
  readonly turn: TurnRef;
  readonly session: ClientSession;
  readonly taken: readonly TakenLease[];
}

interface HeldLanes {
  readonly lanes: readonly HeldLane[];
  giveBack(summaries: ReadonlyMap<ModuleName, TurnSummary>): Promise<void>;
}

const RENEWALS_PER_LEASE = 4;

/** Keeps the leases of taken lanes alive until they are given back; when one is lost, all are. */
export function holdLanes(context: StoreContext, holding: Holding): HeldLanes {
  const { session, taken } = holding;
  const { userKey, life } = holding.turn;
  const { leaseMs } = context.settings;
  const names = taken.map(({ module }) => fenceIdOf(userKey, module)).join(', ');
  const lost = new AbortController();
  const hadSince = performance.now();
  let renewedAt = hadSince;
  let unanswered = 0;

  const giveUpWhenOld = () => {
    if (performance.now() - renewedAt > leaseMs) lost.abort(new Error(`the lease on ${names} ran out`));
  };
  const renew = async () => {
    const asked = performance.now();
    unanswered++;
    try {
      const expiresAt = { $add: ['$$NOW', leaseMs] };
      const renewed = await context.lanes.updateOne(ours(holding), [
        { $set: Object.fromEntries(taken.map(({ module }) => [`lanes.${module}.expiresAt`, expiresAt])) },
      ]);
      if (renewed.matchedCount === 1) renewedAt = asked;
      else lost.abort(new Error(`the lease on ${names} was taken over`));
    } catch (error) {
      context.log.warn({ lane: names, error: String(error) }, 'could not renew a lease');
    } finally {
      unanswered--;
    }
    giveUpWhenOld();
  };
  const timer = setInterval(() => {
    // A server that has fallen silent never answers a renewal, nor refuses it.
    if (unanswered > 0) giveUpWhenOld();
    void renew();
  }, leaseMs / RENEWALS_PER_LEASE);

  return {
    lanes: taken.map(({ module, lease }) => ({
      userKey,
      life,
      module,
      token: lease.token,
      takenAt: lease.takenAt,
      now: () => later(lease.takenAt, Math.round(performance.now() - hadSince)),
      lost: lost.signal,
      session,
      fenceId: fenceIdOf(userKey, module),
    })),
    async giveBack(summaries) {
      clearInterval(timer);
      try {
        await giveBack(context, holding, summaries);
      } catch (error) {
        context.log.warn({ lane: names, error: String(error) }, 'could not give a lane back: it expires');
      } finally {
        await session.endSession();
      }
    },
  };
}

/** The user's leases, as long as each of the taken ones is still this turn's. */
const ours = ({ turn, taken }: Holding) => ({
  _id: turn.userKey,
  ...Object.fromEntries(
    taken.flatMap(({ module, lease }) => [
      [`lanes.${module}.token`, lease.token],
      [`lanes.${module}.holder.doc`, turn.turnId],
    ]),
  ),
});

async function giveBack(
  context: StoreContext,
  holding: Holding,
  summaries: ReadonlyMap<ModuleName, TurnSummary>,
): Promise<void> {
  const { taken, turn } = holding;
  const after = await giveBackLeases(context, turn.userKey, taken);
  // When a lane was taken over, its new holder was told of this turn: there is nothing left to write down.
  if (!after || taken.some(({ module, lease }) => after.lanes[module]?.token !== lease.token)) return;
  const history = [...summaries].flatMap(
    ([module, summary]) => turnDocument(after, turn, module, summary) ?? [],
  );
  // History for operators isn't worth a wait for the majority.
  if (history.length > 0) await context.turns.insertMany(history, { writeConcern: { w: 1 } });
}

function turnDocument(
  { _id: userKey, userId, lanes }: LanesDocument,
  { life, turnId, release, kind }: TurnRef,
  module: ModuleName,
  { end, pages, counts }: TurnSummary,
): TurnDocument | null {
  const lease = lanes[module];
  if (!lease?.takenAt) return null;
  const { token, takenAt, expiresAt: endedAt } = lease;
  return {
    _id: new ObjectId(),
    userId,
    userKey,
    life,
    module,
    doc: turnId,
    release,
    kind,
    token,
    takenAt,
    endedAt,
    outcome: end,
    pages,
    counts,
  };
}
