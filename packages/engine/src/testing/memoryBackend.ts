import type { Actor, Actors } from './actors.js';
import type { MemoryLanes } from './memoryLanes.js';
import type { Author, MemoryLedger } from './memoryLedger.js';
import type { MemoryMirror } from './memoryMirror.js';

/** What an actor's ports work on. */
export interface Backend {
  readonly actors: Actors;
  readonly ledger: MemoryLedger;
  readonly lanes: MemoryLanes;
  readonly mirror: MemoryMirror;
  readonly actor: Actor;
  readonly author: Author;
}

/** Does something at an actor's next stop: what lies between two can change. */
export const atStop =
  ({ actors, actor }: Backend) =>
  async <T>(act: () => T): Promise<T> => {
    await actors.stop(actor);
    return act();
  };
