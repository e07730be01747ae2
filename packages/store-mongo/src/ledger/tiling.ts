import {
  type BackfillPlan,
  type Batch,
  emptyBatch,
  type Lane,
  MODULE_NAMES,
  newBatch,
  type Tiling,
  type UserRef,
  windowsFrom,
} from '@odoo-sync/core';
import { type BatchDocument, ofLife, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { laneTransaction } from '../lanes/heldLane.js';
import { ledgerTransaction } from '../session.js';
import { findSyncState } from './syncState.js';

/**
 * Makes a module's first windows, or more before its first one, in one transaction with its tiling: two surveys may find
 * different windows empty, and the ranges of one must not overlap the windows of the other. Under the lane's fence: a turn that
 * has lost its lane, or whose user's life has ended, seals nothing.
 * @returns false when the tiling is no longer `before`, or that life has ended.
 */
export async function createWindows(
  context: StoreContext,
  lane: Lane,
  before: Tiling | null,
  { tiling, toRead, empty, surveyedAt, records }: BackfillPlan,
): Promise<boolean> {
  const { module } = lane;
  const user = await context.users.findOne(ofLife(lane), { projection: { sealed: 0 } });
  if (!user) return false;
  const made = [
    ...toRead.map((window) => ({
      ...documentOf(user, newBatch(lane, module, window, user.releaseBase)),
      surveyed: window.surveyed,
    })),
    ...empty.map((range) => documentOf(user, emptyBatch(lane, module, range, surveyedAt, user.releaseBase))),
  ];
  const state = `modules.${module}`;
  const counted = { $add: [{ $ifNull: [`$${state}.surveyed`, 0] }, records ?? 0] };
  return laneTransaction(context, lane, async (session) => {
    const laid = await context.plans.updateOne(
      {
        ...ofLife(lane),
        ...(before ? fieldsOf(`${state}.tiling`, before) : { [`${state}.tiling`]: null }),
      },
      [
        {
          $set: {
            [`${state}.tiling`]: tiling,
            [`${state}.surveyed`]: records === null ? null : before ? knownOr(state, counted) : records,
            [`${state}.surveyTries`]: 0,
            nextTurnAt: '$$NOW',
            rev: { $add: ['$rev', 1] },
          },
        },
      ],
      { session },
    );
    if (laid.matchedCount !== 1) return false;
    if (made.length > 0) await context.batches.insertMany(made, { session });
    return true;
  });
}

/** A total isn't known when a part of it isn't. */
const knownOr = (state: string, counted: object) => ({
  $cond: [{ $eq: [`$${state}.surveyed`, null] }, null, counted],
});

const fieldsOf = (path: string, tiling: Tiling) =>
  Object.fromEntries(Object.entries(tiling).map(([key, value]) => [`${path}.${key}`, value]));

/**
 * Makes the batches of the windows that start at or before `until`, of every module whose history is laid out, in one
 * transaction with the tiling's new end: two processes at once make no batch twice, and a late one makes none for a life that
 * has ended.
 */
export async function extendTiling(context: StoreContext, ref: UserRef, until: Date): Promise<void> {
  const { users, plans, batches } = context;
  const [user, plan] = await Promise.all([
    users.findOne(ofLife(ref), { projection: { sealed: 0 } }),
    findSyncState(context, ref),
  ]);
  if (!user || !plan) return;
  for (const module of MODULE_NAMES) {
    const { tiling } = plan.modules[module];
    const windows = tiling ? windowsFrom(tiling.until, until) : [];
    const last = windows.at(-1);
    if (!tiling || !last) continue;
    const path = `modules.${module}.tiling.until`;
    const made = windows.map((window) => documentOf(user, newBatch(ref, module, window, user.releaseBase)));
    await ledgerTransaction(context, async (session) => {
      const extended = await plans.updateOne(
        { ...ofLife(ref), [path]: tiling.until },
        { $set: { [path]: last.end }, $inc: { rev: 1 } },
        { session },
      );
      if (extended.matchedCount !== 1) return;
      // An earlier engine made them outside of a transaction, and may have been cut off.
      const there = await batches
        .find({ _id: { $in: made.map(({ _id }) => _id) } }, { session, projection: { _id: 1 } })
        .toArray();
      const missing = made.filter(({ _id }) => !there.some((one) => one._id === _id));
      if (missing.length > 0) await batches.insertMany(missing, { session });
    });
  }
}

const documentOf = (user: Pick<UserDocument, 'userId'>, batch: Batch): BatchDocument => ({
  ...batch,
  userId: user.userId,
  surveyed: batch.sealedBy === 'survey' ? 0 : null,
});
