import { noop, type TurnHandle, type TurnOutcome } from '@odoo-sync/core';

export interface AloneGate {
  /**
   * Resolves when the turn may run, with the function that ends it; with null when it may not yet: it waited for too long,
   * or was told to stop. Its job is then to go back, since another worker may have room.
   */
  enter(alone: boolean, signal: AbortSignal): Promise<(() => void) | null>;
}

/** Turns may take hours: neither a turn that must be alone waits for their end with the gate shut, nor others for its own. */
const WAIT_MS = 30_000;

interface Waiting {
  readonly alone: boolean;
  /** Lets it in, or sends it away. */
  readonly answer: (admitted: boolean) => void;
}

/**
 * Lets a turn whose workers died before run alone in its process, so that it takes no neighbours with it, and so that another
 * death is known to be its own. Ordinary turns share the process; one that must be alone waits for them to end, and new
 * ones wait for it.
 */
export function createAloneGate(waitMs = WAIT_MS): AloneGate {
  let running = 0;
  let aloneRuns = false;
  const waiting: Waiting[] = [];

  const admit = () => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (aloneRuns || (next.alone && running > 0)) return;
      waiting.shift();
      running++;
      aloneRuns = next.alone;
      next.answer(true);
    }
  };
  const leaving = (alone: boolean) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      running--;
      if (alone) aloneRuns = false;
      admit();
    };
  };
  return {
    enter: (alone, signal) =>
      new Promise((resolve) => {
        const goAway = () => {
          waiting.splice(waiting.indexOf(one), 1);
          one.answer(false);
          admit();
        };
        const timer = setTimeout(goAway, waitMs);
        const one: Waiting = {
          alone,
          answer(admitted) {
            clearTimeout(timer);
            signal.removeEventListener('abort', goAway);
            resolve(admitted ? leaving(alone) : null);
          },
        };
        signal.addEventListener('abort', goAway);
        waiting.push(one);
        if (signal.aborted) goAway();
        else admit();
      }),
  };
}

const AGAIN_MS = 5_000;

/** Runs a turn behind the gate, alone in this process where it must be; gives its job back where it didn't come in. */
export async function atTheGate<T>(
  { gate, handle: { signal } }: { readonly gate: AloneGate; readonly handle: Pick<TurnHandle, 'signal'> },
  alone: boolean,
  run: () => Promise<T>,
): Promise<T | TurnOutcome> {
  const leave = await gate.enter(alone, signal);
  if (leave === null)
    return noop(
      signal.aborted
        ? { type: 'handBack' }
        : { type: 'delay', ms: AGAIN_MS, reason: 'a turn that killed its worker runs alone, or waits to' },
    );
  try {
    return await run();
  } finally {
    leave();
  }
}
