import type { DatabaseSpec } from '@odoo-sync/simulator';

const DAY_MS = 86_400_000;

/** Three companies of different size, on three versions of Odoo; one has imported 10,000 contacts in one second. */
export function demoDatabases(now: Date): readonly DatabaseSpec[] {
  const imported = new Date(
    Math.floor(now.getTime() / DAY_MS) * DAY_MS - 12 * DAY_MS + 39_600_000,
  ).toISOString();
  return [
    {
      name: 'bakery',
      seed: 11,
      version: 14,
      models: {
        'res.partner': { count: 180 },
        'sale.order': { count: 60 },
        'account.move': { count: 70 },
        'hr.employee': { count: 12 },
      },
    },
    {
      name: 'wholesale',
      seed: 12,
      version: 17,
      models: {
        'res.partner': { count: 2_400 },
        'sale.order': { count: 3_000 },
        'account.move': { count: 3_500 },
        'hr.employee': { count: 90 },
      },
    },
    {
      name: 'importer',
      seed: 13,
      version: 19,
      models: {
        'res.partner': { count: 11_500, bursts: [{ at: imported, count: 10_000 }] },
        'sale.order': { count: 700 },
        'account.move': { count: 900 },
        'hr.employee': { count: 40 },
      },
    },
  ];
}
