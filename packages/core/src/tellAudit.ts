import type { AuditResult, Differences } from './audit.js';
import type { Cliff } from './cliff.js';

const count = (n: number): string => n.toLocaleString('en-US');
const named = (n: number, what: string): string => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

/** What a run proved, in a sentence. */
export function tellResult({ asOf, contentAsOf, records, found, healed, open }: AuditResult): string {
  const at = moment(asOf);
  const proof =
    open > 0
      ? `${named(open, 'record')} of ${count(records)} still differed as of ${at}`
      : `proved equal by date as of ${at}, ${named(records, 'record')}`;
  const content = contentAsOf ? `, each read in full since ${moment(contentAsOf)}` : '';
  const differences = tellDifferences(found);
  const whole = `${proof}${content}`;
  return differences ? `${whole}; found ${differences}, ${count(healed)} written` : whole;
}

const moment = (at: Date): string => at.toISOString().replace('.000Z', 'Z');

function tellDifferences({ missing, stale, gone, content }: Differences): string {
  const kinds = Object.entries({ missing, stale, gone, 'of other content': content }).filter(
    ([, n]) => n > 0,
  );
  return kinds.map(([kind, n]) => `${count(n)} ${kind}`).join(', ');
}

/** Why an audit stopped, what may have caused it, and what to do. */
export function tellCliff({ reason, gone, of, company }: Cliff): string {
  return `${SEEN[reason](count(gone), count(of), company?.name ?? '')}: nothing was marked as deleted. Where they were deleted, accept that (\`odoo-sync audit USER --accept\`); where the login lost a right or a company, or the database is another one, mend that and audit again`;
}

const SEEN: Readonly<Record<Cliff['reason'], (gone: string, of: string, company: string) => string>> = {
  nothing: (_, of) => `Odoo answers no record any more, and the mirror holds ${of}`,
  company: (gone, _, company) => `all ${gone} records of the company ${company} are gone`,
  share: (gone, of) => `${gone} of ${of} records are gone at once`,
};
