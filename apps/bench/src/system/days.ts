import type { BareWindow } from '../load/readWindow.js';

const DAY_MS = 86_400_000;

/** Midnight UTC, so many days ago. */
export const midnight = (daysAgo: number): Date =>
  new Date((Math.floor(Date.now() / DAY_MS) - daysAgo) * DAY_MS);

/** Odoo's text of an instant, in whole seconds. */
export const odooText = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

/** The windows of the last days, today's last. */
export const windowsOfDays = (days: number): BareWindow[] =>
  Array.from({ length: days }, (_, n) => ({
    start: odooText(midnight(days - 1 - n)),
    end: odooText(midnight(days - 2 - n)),
  }));
