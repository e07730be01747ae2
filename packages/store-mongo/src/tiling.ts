import {
  type Batch,
  emptyBatch,
  type LaidHistory,
  MODULE_NAMES,
  type ModuleName,
  newBatch,
  type Tiling,
  windowsFrom,
} from '@odoo-sync/core';
import { MongoBulkWriteError } from 'mongodb';
import type { StoreContext } from './context.js';
import type { BatchDocument, UserDocument } from './documents.js';
import { ledgerTransaction } from './inTransaction.js';
import { planOf } from './plans.js';

const DUPLICATE_KEY = 11000;

/**
 * Makes a module's first windows, or more before its first one, in one transaction with its tiling: two surveys may see
 * different windows empty, and the stretches of one must not meet the windows of the other.
 */
export async function layHistory(
  context: StoreContext,
  userKey: string,
  module: ModuleName,
  before: Tiling | null,
  { tiling, toRead, empty, surveyedAt, records }: LaidHistory,
): Promise<boolean> {
  const user = await context.users.findOne({ _id: userKey }, { projection: { sealed: 0 } });
  if (!user) return false;
  const made = [
    ...toRead.map((window) => ({
      ...documentOf(user, newBatch(userKey, module, window, user.releaseBase)),
      surveyed: window.surveyed,
    })),
    ...empty.map((stretch) =>
      documentOf(user, emptyBatch(userKey, module, stretch, surveyedAt, user.releaseBase)),
    ),
  ];
  const state = `modules.${module}`;
  const counted = { $add: [{ $ifNull: [`$${state}.surveyed`, 0] }, records ?? 0] };
  return ledgerTransaction(context, async (session) => {
    const laid = await context.plans.updateOne(
      { _id: userKey, ...(before ? fieldsOf(`${state}.tiling`, before) : { [`${state}.tiling`]: null }) },
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

/** A total of which one part isn't known isn't known. */
const knownOr = (state: string, counted: object) => ({
  $cond: [{ $eq: [`$${state}.surveyed`, null] }, null, counted],
});

const fieldsOf = (path: string, tiling: Tiling) =>
  Object.fromEntries(Object.entries(tiling).map(([key, value]) => [`${path}.${key}`, value]));

/**
 * Makes the batches of the windows that start at or before `until`, of every module whose history is laid out. Ids and the
 * unique index are functions of the window, so repeating it, or doing it in two processes at once, makes none twice.
 */
export async function extendTiling(context: StoreContext, userKey: string, until: Date): Promise<void> {
  const { users, plans, batches } = context;
  const [user, plan] = await Promise.all([
    users.findOne({ _id: userKey }, { projection: { sealed: 0 } }),
    planOf(context, userKey),
  ]);
  if (!user || !plan) return;
  for (const module of MODULE_NAMES) {
    const { tiling } = plan.modules[module];
    const windows = tiling ? windowsFrom(tiling.until, until) : [];
    const last = windows.at(-1);
    if (!last) continue;
    try {
      await batches.insertMany(
        windows.map((window) => documentOf(user, newBatch(userKey, module, window, user.releaseBase))),
        { ordered: false },
      );
    } catch (error) {
      const all = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
      if (all.length === 0 || all.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
    }
    const path = `modules.${module}.tiling.until`;
    await plans.updateOne(
      { _id: userKey, [path]: { $lt: last.end } },
      { $set: { [path]: last.end }, $inc: { rev: 1 } },
    );
  }
}

const documentOf = (user: Pick<UserDocument, 'userId'>, batch: Batch): BatchDocument => ({
  ...batch,
  userId: user.userId,
  surveyed: batch.sealedBy === 'survey' ? 0 : null,
});
