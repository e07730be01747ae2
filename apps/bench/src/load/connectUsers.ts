import type { KeyRing } from '@odoo-sync/runtime';
import type { AnyBulkWriteOperation, Db } from 'mongodb';
import type { FleetUser } from '../system/fleet.js';

interface Keyed {
  _id: string;
  [field: string]: unknown;
}

/** Gives users of a filled ledger an Odoo to be mirrored from: several may share one, each with credentials of its own. */
export async function connectUsers(db: Db, keyRing: KeyRing, users: readonly FleetUser[]): Promise<void> {
  if (users.length === 0) return;
  const addresses: AnyBulkWriteOperation<Keyed>[] = [];
  const sources: AnyBulkWriteOperation<Keyed>[] = [];
  for (const { userId: _id, url, db: name, login, apiKey } of users) {
    const sealed = keyRing.encrypt(apiKey, _id);
    addresses.push({
      updateOne: { filter: { _id }, update: { $set: { url, db: name, login, sealed } } },
    });
    sources.push({ updateOne: { filter: { _id }, update: { $set: { source: `${url}/?db=${name}` } } } });
  }
  await db.collection<Keyed>('odoosyncusers').bulkWrite(addresses, { ordered: false });
  await db.collection<Keyed>('odoosyncplans').bulkWrite(sources, { ordered: false });
}
