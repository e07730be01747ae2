import { isModuleName, type LeaseReport, storeTime, type UserRef } from '@odoo-sync/core';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';

/** The lanes of a user that somebody holds, or held and didn't give back. */
export async function leases({ lanes }: StoreContext, user: UserRef): Promise<readonly LeaseReport[]> {
  const found = await lanes.findOne(ofLife(user));
  return Object.entries(found?.lanes ?? {}).flatMap(([module, lease]) => {
    if (!lease?.holder || !isModuleName(module)) return [];
    const { kind, doc: turnId, release } = lease.holder;
    const { takenAt } = lease;
    const expiresAt = storeTime(lease.expiresAt);
    return [{ module, holder: { kind, turnId, release }, takenAt, expiresAt }];
  });
}
