import { until } from '@odoo-sync/local-servers';

/** Waits for a condition, and asks seldom: what is measured must not be kept busy by the asking. @throws when it isn't in time. */
export const untilTrue = (
  what: string,
  ask: () => Promise<boolean>,
  limitMs: number,
  everyMs = 50,
): Promise<void> => until(what, ask, limitMs, everyMs);
