import type { JsonWriter } from '../pythonJson.js';
import { draw } from '../random.js';
import { FIRST_NAMES, LAST_NAMES } from './pools.js';

/** A person's name for each seed, as JSON text without its quotes; every pair of names is written out once. */
export function personNames(write: JsonWriter): (seed: number) => string {
  const pairs = FIRST_NAMES.flatMap((first) =>
    LAST_NAMES.map((last) => write(`${first} ${last}`).slice(1, -1)),
  );
  return (seed) => pairs[draw(seed, 4) % pairs.length]!;
}
