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
  const plan = await fleet.db
    .collection<{ _id: string; modules: Plans }>('odoosyncplans')
    .findOne({ _id: userKey });
  const fields = plan?.modules[module]?.fields?.fields.map(({ name }) => name);
  if (!fields) throw new Error(`the plan of ${userKey} has no fields of ${module}`);
  return fields;
}

type Plans = Readonly<
  Record<string, { readonly fields: { readonly fields: readonly { name: string }[] } | null }>
>;
