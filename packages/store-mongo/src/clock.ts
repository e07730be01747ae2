import { type StoreTime, storeTime } from '@odoo-sync/core';
import type { StoreContext } from './context.js';

/** The store's clock. It decides when leases expire and turns are due, whatever the clocks of the workers say. */
export async function serverNow({ db }: Pick<StoreContext, 'db'>): Promise<StoreTime> {
  const { localTime } = await db.command({ hello: 1 });
  return storeTime(localTime as Date);
}
