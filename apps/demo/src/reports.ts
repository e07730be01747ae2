import type { UserReport } from '@odoo-sync/core';
import type { RunningDemo } from './runningDemo.js';

/** How often the demo looks at the ledger. */
export const LOOK_MS = 500;

/** The reports of the demo's own users: a store of the caller's may hold others. */
export async function ourReports({
  store,
  users,
}: Pick<RunningDemo, 'store' | 'users'>): Promise<readonly UserReport[]> {
  return store.reports(users.map(({ userKey }) => userKey));
}
