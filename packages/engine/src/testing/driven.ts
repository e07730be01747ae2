import { type Actor, Actors, settled } from './actors.js';

/** One actor, and a driver that has it go on from stop to stop in the order of their coming, until it is ended. */
export function driven(): { readonly actors: Actors; readonly actor: Actor; end(): void } {
  const actors = new Actors();
  const actor = actors.spawn('a process', () => new Promise(() => {}));
  let ended = false;
  void (async () => {
    while (!ended) await (actors.stops > 0 ? actors.step(0) : settled());
  })();
  return {
    actors,
    actor,
    end() {
      ended = true;
    },
  };
}
