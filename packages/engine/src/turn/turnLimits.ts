import { SyncError } from '@odoo-sync/core';

/** How much a window, or a tail's pass over a module, may be: an Odoo can go on for ever, and a slot is not to be held by it. */
export interface TurnLimits {
  /** `TURN_MAX_RECORDS` */
  readonly records: number;
  /** `TURN_MAX_BYTES`: of answers that hold records in full. */
  readonly bytes: number;
  /** `TURN_MAX_PAGES` */
  readonly pages: number;
  /** `WINDOW_MAX_MS` or `TAIL_MAX_MS` */
  readonly ms: number;
}

/** A reading that is measured as it goes. */
export interface Metered {
  /** Ends with the turn's, and when its time is over. */
  readonly signal: AbortSignal;
  /** A page came. @throws SyncError `limit` */
  page(records: number, bytes: number): void;
}

export interface LimitedReading {
  readonly limits: TurnLimits;
  /** As the operator knows it: `a window of contacts`. */
  readonly what: string;
  /** Where `limits.ms` is set. */
  readonly timeSetting: 'WINDOW_MAX_MS' | 'TAIL_MAX_MS';
  readonly url: string;
}

/**
 * Reads for as long as it is within its limits.
 * @throws SyncError `limit` past one of them; what the reading throws, else.
 */
export async function withinLimits<T>(
  { limits, what, timeSetting, url }: LimitedReading,
  signal: AbortSignal,
  read: (metered: Metered) => Promise<T>,
): Promise<T> {
  const over = (most: string, setting: string) =>
    new SyncError(
      'limit',
      `Odoo at ${url} was asked for ${what} and went on past ${most}: where that is no end, an addon of this Odoo or a proxy before it is at fault and is to be mended there; where it really holds so much, or is so slow, raise ${setting}`,
    );
  const late = new AbortController();
  // A turn that hangs is not to hold up the end of its process.
  const timer = setTimeout(() => late.abort(), limits.ms).unref();
  let [records, bytes, pages] = [0, 0, 0];
  const page: Metered['page'] = (more, moreBytes) => {
    records += more;
    bytes += moreBytes;
    pages++;
    if (records > limits.records) throw over(`${limits.records} records`, 'TURN_MAX_RECORDS');
    if (bytes > limits.bytes) throw over(`${limits.bytes} bytes`, 'TURN_MAX_BYTES');
    if (pages > limits.pages) throw over(`${limits.pages} pages`, 'TURN_MAX_PAGES');
  };
  try {
    return await read({ signal: AbortSignal.any([signal, late.signal]), page });
  } catch (error) {
    if (late.signal.aborted && !signal.aborted)
      throw over(`${Math.round(limits.ms / 1_000)} seconds`, timeSetting);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
