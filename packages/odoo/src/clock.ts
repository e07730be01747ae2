import type { SourceClock } from '@odoo-sync/core';
import type { OdooLog } from './options.js';

/** Odoo's clock as its answers show it, carried on by this process's monotonic one. */
export interface AnswerClock {
  saw(date: Date | null): void;
  read(): SourceClock;
}

export function createAnswerClock(log: OdooLog): AnswerClock {
  let lastAnswer = 0;
  let seenAt = 0;
  let warned = false;
  return {
    saw(date) {
      if (!date && !warned) {
        warned = true;
        log.warn({}, "Odoo's answers carry no Date: this machine's clock is taken for its");
      }
      // Cut to seconds as the header is, so that both kinds of clock err to the same side.
      lastAnswer = date ? date.getTime() : Math.floor(Date.now() / 1_000) * 1_000;
      seenAt = performance.now();
    },
    read: () => ({
      lastAnswer: new Date(lastAnswer),
      now: new Date(lastAnswer + performance.now() - seenAt),
    }),
  };
}
