import type { Lane, ModuleState, SyncState, UserRef } from '@odoo-sync/core';
import type { UpdateFilter } from 'mongodb';
import { ofLife, type PlanDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { laneTransaction } from '../lanes/heldLane.js';

/** What a plan is told of a module. A new `state` changes what may be released, and raises the plan's revision. */
export const moduleNotes = ({ module }: Lane, patch: Partial<ModuleState>): UpdateFilter<PlanDocument> => ({
  $set: Object.fromEntries(
    Object.entries(patch).map(([name, value]) => [`modules.${module}.${name}`, value]),
  ),
  ...('state' in patch ? { $inc: { rev: 1 } } : {}),
});

/**
 * Writes what was learned about a lane's module, under its fence: what a turn learned that has lost its lane may be older than
 * what the next one wrote.
 */
export async function noteModule(
  context: StoreContext,
  lane: Lane,
  patch: Partial<ModuleState>,
): Promise<void> {
  await laneTransaction(context, lane, (session) =>
    context.plans.updateOne(ofLife(lane), moduleNotes(lane, patch), { session }),
  );
}

/** What a turn learned that concerns the user as a whole. */
export async function noteSyncState(
  { plans }: StoreContext,
  user: UserRef,
  patch: Partial<Pick<SyncState, 'paceMs' | 'suspectUntil' | 'holdUntil' | 'dbSkewMs'>>,
): Promise<void> {
  await plans.updateOne(ofLife(user), { $set: patch });
}

/** What one user's turn learned of an Odoo database, noted for every user who is mirrored from it. */
export async function noteSource(
  { plans }: StoreContext,
  user: UserRef,
  patch: Partial<Pick<SyncState, 'paceMs' | 'holdUntil'>>,
): Promise<void> {
  const plan = await plans.findOne(ofLife(user), { projection: { source: 1 } });
  if (plan) await plans.updateMany({ source: plan.source }, { $set: patch });
}
