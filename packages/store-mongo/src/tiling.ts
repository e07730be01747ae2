import { MODULE_NAMES, newBatch, windowsBetween } from '@odoo-sync/core';
import { MongoBulkWriteError } from 'mongodb';
import type { StoreContext } from './context.js';
import type { BatchDocument } from './documents.js';

const DUPLICATE_KEY = 11000;

/**
 * Makes the batches of all windows of all modules that start at or before `until`. Ids and the unique index are
 * functions of the window, so repeating it, or doing it in two processes at once, makes none twice.
 */
export async function extendTiling(context: StoreContext, userKey: string, until: Date): Promise<void> {
  const { users, plans, batches } = context;
  const [user, plan] = await Promise.all([users.findOne({ _id: userKey }), plans.findOne({ _id: userKey })]);
  if (!user || !plan) return;
  const windows = windowsBetween(user.tilingStart, plan.tiledUntil, until);
  const last = windows.at(-1);
  if (!last) return;
  const made = windows.flatMap((window) =>
    MODULE_NAMES.map(
      (module): BatchDocument => ({
        ...newBatch(userKey, module, window, user.releaseBase),
        userId: user.userId,
        surveyed: null,
      }),
    ),
  );
  try {
    await batches.insertMany(made, { ordered: false });
  } catch (error) {
    const all = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
    if (all.length === 0 || all.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  }
  await plans.updateOne(
    { _id: userKey, tiledUntil: { $lt: last.end } },
    { $set: { tiledUntil: last.end }, $inc: { rev: 1 } },
  );
}
