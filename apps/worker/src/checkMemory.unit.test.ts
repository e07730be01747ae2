import { expect, test } from '@jest/globals';
import { checkMemory } from './checkMemory.js';

test('what all turns keep in memory must be less than there is', () => {
  expect(() => checkMemory({ memoryBytes: 100, concurrency: 4 }, 401)).not.toThrow();
  expect(() => checkMemory({ memoryBytes: 100, concurrency: 4 }, 400)).toThrow(
    /^SPOOL_MEMORY_BYTES: expected less .* 4 \(WORKER_CONCURRENCY\) times 100 is 400 of 400 bytes: lower one of them/,
  );
});

test('the defaults fit into 256 MB', () => {
  expect(() => checkMemory({ memoryBytes: 33_554_432, concurrency: 4 }, 256 * 1_048_576)).not.toThrow();
});
