import { isBroken, later, type PlanSnapshot } from '@odoo-sync/core';
import { SECOND_LOOK_MS } from '../turn/faults.js';
import type { Hold } from './userExplanation.js';
import { timeOf } from './words.js';

/** What holds a user, or held it until the next turn finds out. */
export function holdsOf({ now, plan }: PlanSnapshot): readonly Hold[] {
  const { holdUntil, suspectUntil, outage } = plan;
  const holds: Hold[] = [];
  if (suspectUntil) {
    const since = later(suspectUntil, -SECOND_LOOK_MS);
    const then =
      suspectUntil > now
        ? `nothing of it runs before the second look at ${timeOf(suspectUntil, now)}`
        : 'the next turn is the second look';
    const why = `its Odoo rejected its credentials once, at ${timeOf(since, now)}: ${then}`;
    holds.push({ kind: 'credentials', since, until: suspectUntil, why });
  }
  if (holdUntil && holdUntil > now && holdUntil.getTime() !== suspectUntil?.getTime()) {
    const why = `its Odoo refuses so many requests (throttled): nothing of it runs before ${timeOf(holdUntil, now)}`;
    holds.push({ kind: 'throttled', since: null, until: holdUntil, why });
  }
  if (outage?.openUntil && isBroken(outage)) {
    const { since, faults, openUntil } = outage;
    const then =
      openUntil > now
        ? `it is left alone, and tried again at ${timeOf(openUntil, now)}`
        : 'the next turn tries it again';
    const why = `its Odoo can't be reached since ${timeOf(since, now)}, ${faults} times in a row (the breaker is ${openUntil > now ? 'open' : 'half-open'}): ${then}`;
    holds.push({ kind: 'breaker', since, until: openUntil, why });
  }
  return holds;
}
