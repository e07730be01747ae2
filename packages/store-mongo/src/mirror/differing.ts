import { type LightRow, type ModuleName, moduleOf, type User } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/** Which of these rows the mirror doesn't hold as they are: absent, tombstoned, not ours yet, or with another write_date. */
export async function differing(
  context: StoreContext,
  user: User,
  module: ModuleName,
  rows: readonly LightRow[],
): Promise<readonly LightRow[]> {
  if (rows.length === 0) return [];
  const mirror = context.mirror(moduleOf(module).collection);
  const same = new Map<number, number>();
  const found = mirror.find(
    { userId: user.userId, odooId: { $in: rows.map((row) => row.odooId) } },
    { projection: { odooId: 1, write_date: 1, '_sync.hash': 1, '_sync.deletedAt': 1 } },
  );
  for await (const { odooId, write_date, _sync } of found) {
    if (write_date instanceof Date && _sync?.hash && !_sync.deletedAt) same.set(odooId, write_date.getTime());
  }
  return rows.filter((row) => same.get(row.odooId) !== row.writeDate.getTime());
}
