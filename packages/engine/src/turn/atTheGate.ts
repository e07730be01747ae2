import type { TurnHandle, TurnOutcome } from '@odoo-sync/core';
import type { Engine } from './engine.js';

const AGAIN_MS = 5_000;

/** Runs a turn behind the gate, alone in this process where it must be; gives its job back where it didn't come in. */
export async function atTheGate<T>(
  { gate }: Engine,
  alone: boolean,
  { signal }: TurnHandle,
  run: () => Promise<T>,
  otherwise: (outcome: TurnOutcome) => T,
): Promise<T> {
  const leave = await gate.enter(alone, signal);
  if (leave === null)
    return otherwise(
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
