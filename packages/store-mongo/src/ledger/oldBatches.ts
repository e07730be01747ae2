import type { StoreContext } from '../context.js';

const OLD = { release: { $exists: false } };

/** Batches that an earlier engine left in the ledger's collection: they have no `release`, and are left alone. */
export const countOldBatches = ({ batches }: StoreContext): Promise<number> => batches.countDocuments(OLD);

/** Removes them. @returns how many. */
export async function clearOldBatches({ batches }: StoreContext): Promise<number> {
  const { deletedCount } = await batches.deleteMany(OLD);
  return deletedCount;
}
