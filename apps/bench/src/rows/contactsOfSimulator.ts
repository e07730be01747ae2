import type { DatabaseSpec } from '@odoo-sync/simulator';
import type { Fleet } from '../system/fleet.js';

/** A database with contacts alone, the same number on each of the last days. */
export const contactsEveryDay = (name: string, days: number, perDay: number, seed: number): DatabaseSpec => ({
  name,
  seed,
  models: {
    'res.partner': { count: days * perDay, days, activeDays: days },
    'sale.order': { count: 0 },
    'account.move': { count: 0 },
    'hr.employee': { count: 0 },
  },
});

/** The fields that the engine mirrors of a module of a user, as it asked for them: a reference asks for the same. */
export async function mirroredFields(
  fleet: Fleet,
  userKey: string,
  module: string,
): Promise<readonly string[]> {
  const schema = await fleet.db
    .collection<{ _id: string; fields: { fields: readonly { name: string }[] } }>('odoosyncschemas')
    .findOne({ _id: `${userKey}/${module}` });
  if (!schema) throw new Error(`${module} of ${userKey} was not described yet`);
  return schema.fields.fields.map(({ name }) => name);
}
