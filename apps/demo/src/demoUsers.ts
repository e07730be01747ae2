import { COMPANIES, type DatabaseSpec } from '@odoo-sync/simulator';

const DAY_MS = 86_400_000;
const IMPORTER = 'importer';
const IMPORTED = 10_000;

/** The simulator's companies; one of them has imported most of its contacts in one second, twelve days ago. */
export function demoDatabases(now: Date): readonly DatabaseSpec[] {
  const imported = new Date(
    Math.floor(now.getTime() / DAY_MS) * DAY_MS - 12 * DAY_MS + 39_600_000,
  ).toISOString();
  return COMPANIES.map((company) => {
    const contacts = company.models?.['res.partner'];
    if (company.name !== IMPORTER || !contacts) return company;
    const bursts = [{ at: imported, count: IMPORTED }];
    return { ...company, models: { ...company.models, 'res.partner': { ...contacts, bursts } } };
  });
}
