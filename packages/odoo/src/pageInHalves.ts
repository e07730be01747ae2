import type { Page } from './askPage.js';
import { OdooFault } from './classify.js';
import type { PageSizer } from './pageSizer.js';
import { TooHeavyError } from './tooHeavy.js';
import { TooLargeError } from './transportError.js';

/** PostgreSQL ended a statement that took too long. */
const CANCELED = 'psycopg2.errors.QueryCanceled';

/** Whether a smaller page may come through: an Odoo that is there at all would not, or could not, give this one. */
const isTooHeavy = (error: unknown): boolean =>
  (error instanceof TooHeavyError && !error.unreachable) ||
  (error instanceof OdooFault && error.exception === CANCELED);

export interface Halving {
  readonly sizer: PageSizer;
  /** The page of a record whose answer is larger than any may be: the record is at fault, not what lies around it. */
  readonly outsized: (error: TooLargeError) => Promise<Page>;
}

/** Asks for a page, and for half as much of it as long as that proves too heavy: a page of one record is the last try. */
export async function pageInHalves(
  { sizer, outsized }: Halving,
  most: number,
  ask: (limit: number) => Promise<Page>,
): Promise<Page> {
  for (;;) {
    const limit = Math.min(most, sizer.size());
    try {
      return await ask(limit);
    } catch (error) {
      if (!isTooHeavy(error)) throw error;
      if (!sizer.tooHeavy(limit)) {
        if (error instanceof TooLargeError) return outsized(error);
        throw error;
      }
    }
  }
}
