import { type ModuleName, resyncWindowAt, type TurnPlace, type UserRef } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/** Users whose `nextTurnAt` has come by the store's clock, longest overdue first. */
export async function dueUsers({ plans }: StoreContext, limit: number): Promise<readonly string[]> {
  const due = await plans
    .find({ $expr: { $lte: ['$nextTurnAt', '$$NOW'] } }, { projection: { _id: 1 } })
    .sort({ nextTurnAt: 1 })
    .limit(limit)
    .toArray();
  return due.map(({ _id }) => _id);
}

/** Users who are due are put off. */
export async function setAside(
  { plans }: StoreContext,
  userKeys: readonly string[],
  ms: number,
): Promise<void> {
  await plans.updateMany({ _id: { $in: [...userKeys] }, $expr: { $lte: ['$nextTurnAt', '$$NOW'] } }, [
    { $set: { nextTurnAt: { $add: ['$$NOW', ms] } } },
  ]);
}

/** Failed batches and resyncs in the order of their ids: pages of a sweep. */
export async function failedTurns(
  { batches, resyncs }: StoreContext,
  after: string | null,
  limit: number,
): Promise<readonly TurnPlace[]> {
  const page = { status: 'failed' as const, ...(after === null ? {} : { _id: { $gt: after } }) };
  const [failedBatches, failedResyncs] = await Promise.all([
    batches
      .find({ ...page, release: { $exists: true } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray(),
    resyncs.find(page).sort({ _id: 1 }).limit(limit).toArray(),
  ]);
  const turns: TurnPlace[] = [
    ...failedBatches.map(({ _id, userKey, life, release, module, startTime }) => ({
      kind: 'backfill' as const,
      userKey,
      life,
      turnId: _id,
      release,
      module,
      startTime,
    })),
    ...failedResyncs.map((resync) => {
      const last = resyncWindowAt(resync, resync.total - 1);
      return {
        kind: 'resync' as const,
        userKey: resync.userKey,
        life: resync.life,
        turnId: resync._id,
        release: resync.release,
        module: last?.module ?? null,
        startTime: last?.startTime ?? null,
      };
    }),
  ];
  return turns.sort((a, b) => (a.turnId < b.turnId ? -1 : 1)).slice(0, limit);
}

/** Starts of the modules' oldest windows that are `open`: a tail looks no further back than that. */
export async function oldestOpen(
  { batches }: StoreContext,
  { userKey }: UserRef,
): Promise<ReadonlyMap<ModuleName, Date>> {
  const open = await batches
    .find({ userKey, status: 'open', release: { $exists: true } })
    .project<{ module: ModuleName; startTime: Date }>({ _id: 0, module: 1, startTime: 1 })
    .sort({ startTime: -1 })
    .toArray();
  return new Map(open.map(({ module, startTime }) => [module, startTime]));
}
