import { odooTime, type SourceClock } from '@odoo-sync/core';
import type { OdooLog } from './options.js';

/** Odoo's clock as its answers show it, carried on by this process's monotonic one. */
export interface AnswerClock {
  saw(date: Date | null): void;
  read(): SourceClock;
}

export interface BelievedClock {
  /** The clock that serves where Odoo's doesn't, in milliseconds. */
  readonly now: () => number;
  /** `CLOCK_MAX_SKEW_MS`: a `Date` that is further from it isn't believed. */
  readonly maxSkewMs: number;
}

export function createAnswerClock(log: OdooLog, { now, maxSkewMs }: BelievedClock): AnswerClock {
  let lastAnswer = 0;
  let seenAt = 0;
  let offMs: number | null = null;
  const said = new Set<string>();
  const warnOnce = (fields: object, message: string) => {
    if (!said.has(message)) log.warn(fields, message);
    said.add(message);
  };
  return {
    saw(date) {
      // Cut to seconds as the header is, so that both kinds of clock err to the same side.
      const here = Math.floor(now() / 1_000) * 1_000;
      const skewMs = date ? date.getTime() - here : 0;
      offMs = Math.abs(skewMs) > maxSkewMs ? skewMs : null;
      if (!date) warnOnce({}, "Odoo's answers carry no Date: this system's clock is taken for its");
      if (offMs !== null)
        warnOnce({ offMs }, "Odoo's clock is too far off to be believed: this system's serves instead");
      lastAnswer = date && offMs === null ? date.getTime() : here;
      seenAt = performance.now();
    },
    read: () => ({
      lastAnswer: odooTime(lastAnswer),
      now: odooTime(lastAnswer + performance.now() - seenAt),
      offMs,
    }),
  };
}
