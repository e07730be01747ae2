import { inTime } from '@odoo-sync/core';
import { advance, type Dispatch } from '@odoo-sync/engine';
import type { Logger } from '@odoo-sync/runtime';

const LIMIT_MS = 3_000;

/** Hands out a user's due turns now. @returns false when that failed or took too long: the scheduler does it then. */
export type HandOut = (userKey: string) => Promise<boolean>;

/**
 * Calls that come while a user's turns are being handed out share one further run: a hundred presses at once would only
 * race each other for the same plan.
 */
export function createHandOut(dispatch: Dispatch, log: Logger): HandOut {
  const last = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Promise<unknown>>();
  const ask = (userKey: string): Promise<unknown> => {
    const joined = waiting.get(userKey);
    if (joined) return joined;
    const run = (last.get(userKey) ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        waiting.delete(userKey);
        return advance(dispatch, userKey);
      })
      .finally(() => {
        if (last.get(userKey) === run) last.delete(userKey);
      });
    waiting.set(userKey, run);
    last.set(userKey, run);
    return run;
  };
  return async (userKey) => {
    try {
      await inTime(LIMIT_MS, 'handing out turns', ask(userKey));
      return true;
    } catch (error) {
      log.warn({ err: error, userKey }, 'turns were not handed out; the scheduler does it');
      return false;
    }
  };
}

/** What an answer says when the request is kept but no turn went out yet. */
export const noteOf = (handedOut: boolean): string | null =>
  handedOut
    ? null
    : 'kept in the ledger, but not handed to the queue yet: the scheduler does that as soon as queue and store answer';
