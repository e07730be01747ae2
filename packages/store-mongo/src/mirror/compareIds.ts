import {
  type CompanyLoss,
  type IdComparison,
  type IdRange,
  type ModuleName,
  moduleOf,
  type User,
} from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

/** Compares a range of ids of the mirror with the dates of the source's records in it. Reads, and changes nothing. */
export async function compareIds(
  context: StoreContext,
  { userId }: User,
  module: ModuleName,
  { after, upTo, goneMost }: IdRange & { readonly goneMost: number },
  dates: ReadonlyMap<number, number | null>,
): Promise<IdComparison> {
  const missing = new Set(dates.keys());
  const stale: number[] = [];
  const gone: number[] = [];
  let mirrored = 0;
  let goneCount = 0;
  const found = context.mirror(moduleOf(module).collection).find(
    { userId, odooId: { $gt: after, ...(upTo === null ? {} : { $lte: upTo }) } },
    {
      projection: { _id: 0, odooId: 1, write_date: 1, '_sync.hash': 1, '_sync.deletedAt': 1 },
      sort: { odooId: 1 },
      batchSize: 10_000,
    },
  );
  for await (const { odooId, write_date, _sync } of found) {
    if (_sync?.deletedAt) continue;
    mirrored++;
    const date = dates.get(odooId);
    if (date === undefined) {
      if (goneCount++ < goneMost) gone.push(odooId);
      continue;
    }
    missing.delete(odooId);
    const stored = write_date instanceof Date ? write_date.getTime() : null;
    if (stored !== date || !_sync?.hash) stale.push(odooId);
  }
  return { mirrored, missing: [...missing], stale, gone, goneCount };
}

const SOME = 10_000;

/** What records are of their companies' records in the mirror, tombstones left out. */
export async function companyLosses(
  context: StoreContext,
  { userId }: User,
  module: ModuleName,
  odooIds: readonly number[],
): Promise<readonly CompanyLoss[]> {
  const mirror = context.mirror(moduleOf(module).collection);
  const losses = new Map<number, CompanyLoss>();
  const alive = { userId, '_sync.deletedAt': null };
  for (let from = 0; from < odooIds.length; from += SOME) {
    const some = odooIds.slice(from, from + SOME);
    const rows = mirror.aggregate<{ _id: number; name: unknown; gone: number }>([
      { $match: { ...alive, odooId: { $in: some } } },
      { $group: { _id: '$company_id.id', name: { $first: '$company_id.name' }, gone: { $sum: 1 } } },
    ]);
    for await (const { _id: id, name, gone } of rows) {
      if (typeof id !== 'number') continue;
      const before = losses.get(id)?.gone ?? 0;
      losses.set(id, { company: { id, name: String(name ?? '') }, gone: before + gone, of: 0 });
    }
  }
  if (losses.size === 0) return [];
  const totals = mirror.aggregate<{ _id: number; of: number }>([
    { $match: { ...alive, 'company_id.id': { $in: [...losses.keys()] } } },
    { $group: { _id: '$company_id.id', of: { $sum: 1 } } },
  ]);
  for await (const { _id, of } of totals) {
    const loss = losses.get(_id);
    if (loss) losses.set(_id, { ...loss, of });
  }
  return [...losses.values()];
}
