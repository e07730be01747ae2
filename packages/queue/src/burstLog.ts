import { type Log, MESSAGE_MOST, plainText } from '@odoo-sync/core';

const QUIET_MS = 30_000;
const KINDS_KEPT = 100;

/**
 * Logs the first fault of a kind at once and counts its like for half a minute: a Redis that is away makes every connection
 * and every timer complain many times a second. Kinds differ in their text, numbers and ids set aside.
 * @returns what logs a fault, and says whether it did.
 */
export function createBurstLog(
  log: Log,
  now: () => number = () => performance.now(),
): (message: string, error: unknown) => boolean {
  const kinds = new Map<string, { loggedAt: number; unlogged: number }>();
  return (message, error) => {
    const text = plainText(error instanceof Error ? error.message : String(error), MESSAGE_MOST);
    const kind = `${message} ${text}`.replace(/\S+/g, (word) => (/\d/.test(word) ? '#' : word));
    const known = kinds.get(kind);
    if (known && now() - known.loggedAt < QUIET_MS) {
      known.unlogged++;
      return false;
    }
    if (kinds.size >= KINDS_KEPT) kinds.clear();
    kinds.set(kind, { loggedAt: now(), unlogged: 0 });
    log.warn({ err: error, ...(known?.unlogged ? { unlogged: known.unlogged } : {}) }, message);
    return true;
  };
}
