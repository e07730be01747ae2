const DAY_MS = 86_400_000;

/** Midnight UTC, so many days ago. */
export const midnight = (daysAgo: number): Date =>
  new Date((Math.floor(Date.now() / DAY_MS) - daysAgo) * DAY_MS);

/** The last second of the day that began so many days ago. */
export const lastSecond = (daysAgo: number): Date => new Date(midnight(daysAgo - 1).getTime() - 1_000);
