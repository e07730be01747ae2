import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** What is wrong with a file that must have this sha256; null for the one that has it. @param what how it is named there. */
export async function digestFault(path: string, expected: string, what: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    return `${what} can't be read (${(error as Error).message}); it is not used`;
  }
  const found = hash.digest('hex');
  return found === expected
    ? null
    : `${what} is not what was pinned: expected sha256 ${expected}, got ${found}; it is not used`;
}
