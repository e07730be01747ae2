import type { StoreTime } from './time.js';

/** Why gone records are not buried before somebody says so. */
export interface Cliff {
  /** `nothing`: the source answers no record at all. `company`: all of a company's are gone. `share`: too many of all. */
  readonly reason: 'nothing' | 'company' | 'share';
  readonly gone: number;
  /** Of so many in the mirror; those of that company, where it is one's. */
  readonly of: number;
  readonly company: { readonly id: number; readonly name: string } | null;
  readonly seenAt: StoreTime;
}

/** More than this share of the records at once, of {@link SHARE_LEAST} or more, is no everyday deletion. */
const SHARE_MOST = 0.2;
const SHARE_LEAST = 10;
/** A company with a single record may well lose it. */
const COMPANY_LEAST = 2;

/** How many of a company's records are in the mirror, and how many of these are gone. */
export interface CompanyLoss {
  readonly company: { readonly id: number; readonly name: string };
  readonly gone: number;
  readonly of: number;
}

/** What a run has compared. */
interface Compared {
  readonly records: number;
  readonly mirrored: number;
  readonly found: { readonly gone: number };
}

/** Whether so much is gone that it looks like a right, a company or a database that went, and not like deletions. */
export function cliffOf(run: Compared, companies: readonly CompanyLoss[], seenAt: StoreTime): Cliff | null {
  const { records, mirrored, found } = run;
  const whole = { gone: found.gone, of: mirrored, company: null, seenAt };
  if (found.gone === 0) return null;
  if (records === 0) return { ...whole, reason: 'nothing' };
  const lost = companies.find(({ gone, of }) => gone === of && of >= COMPANY_LEAST);
  if (lost) return { ...lost, reason: 'company', seenAt };
  return mirrored >= SHARE_LEAST && found.gone > mirrored * SHARE_MOST ? { ...whole, reason: 'share' } : null;
}
