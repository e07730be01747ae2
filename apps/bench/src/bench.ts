import type { Figure } from './report/rowResult.js';

/** What a row is run with. */
export interface Bench {
  readonly quick: boolean;
  readonly profile: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tells how far it is. */
  readonly say: (line: string) => void;
}

/** What a row gives. */
export interface Measured {
  readonly figures: Readonly<Record<string, Figure>>;
  readonly notes: string;
}

/** A row that this machine or environment can't run, with what to set. */
export class SkippedRow extends Error {}

/** One row of the bench. */
export interface Row {
  readonly name: string;
  /** What is measured, and against what: for the page. */
  readonly how: string;
  run(bench: Bench): Promise<Measured>;
}

/** Runs a reference and the engine in turns, so that a machine that slows down slows down both. */
export async function inTurns<R, E>(
  rounds: number,
  reference: (round: number) => Promise<R>,
  engine: (round: number) => Promise<E>,
): Promise<{ readonly reference: readonly R[]; readonly engine: readonly E[] }> {
  const all = { reference: [] as R[], engine: [] as E[] };
  for (let round = 1; round <= rounds; round++) {
    all.reference.push(await reference(round));
    all.engine.push(await engine(round));
  }
  return all;
}
