import { startMongo } from '../startMongo.js';
import { startRedis } from '../startRedis.js';

declare global {
  /** What one worker of jest keeps from test file to test file: `jest.environment.mjs`. */
  var keptByWorker: Map<string, Promise<string>> | undefined;
}

const log = () => {};

/**
 * The URL of the MongoDB that the test files of one worker share. The first file that asks starts it, and it ends with the
 * worker. Who uses it takes a database of its own, and leaves every other and the server itself alone.
 */
export const sharedMongo = (): Promise<string> => kept('mongodb', () => startMongo({ log, inMemory: true }));

/** The URL of the Redis that they share, each file with a prefix of its own. */
export const sharedRedis = (): Promise<string> => kept('redis', () => startRedis({ log }));

function kept(name: string, start: () => Promise<{ readonly url: string }>): Promise<string> {
  const { keptByWorker } = globalThis;
  if (!keptByWorker) throw new Error('expected a test that runs in the environment of jest.environment.mjs');
  const found = keptByWorker.get(name) ?? start().then(({ url }) => url);
  keptByWorker.set(name, found);
  return found;
}
