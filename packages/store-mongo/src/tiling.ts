import { batchIdOf, MODULE_NAMES, windowsBetween } from '@odoo-sync/core';
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
  const made = windows.flatMap(({ start, end }) =>
    MODULE_NAMES.map(
      (module): BatchDocument => ({
        _id: batchIdOf(userKey, module, start),
        userId: user.userId,
        userKey,
        module,
        startTime: start,
        endTime: end,
        status: 'pending',
        release: user.releaseBase,
        attempts: 0,
        expiries: 0,
        dueAt: start,
        retryAt: null,
        queuedAt: null,
        readStartedAt: null,
        counts: null,
        pages: 0,
        retries: 0,
        durationMs: 0,
        parts: 0,
        lastError: null,
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
