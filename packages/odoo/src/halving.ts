import { isReadingFault } from './classify.js';

/** Those of some things that a reading takes together, found by halving: asking for one that it refuses fails it whole. */
export async function takenOf<T>(
  all: readonly T[],
  takes: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (all.length === 0 || (await takes(all))) return all;
  if (all.length === 1) return [];
  const half = Math.ceil(all.length / 2);
  return [...(await takenOf(all.slice(0, half), takes)), ...(await takenOf(all.slice(half), takes))];
}

/** Whether Odoo could, and would, read what is asked. @throws whatever else it answers. */
export async function taken(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (!isReadingFault(error)) throw error;
    return false;
  }
}
