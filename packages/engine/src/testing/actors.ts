/** Something that runs: a tick, a worker with its turn, a request. A dead one never goes on from where it stands. */
export interface Actor {
  readonly name: string;
  dead: boolean;
  done: boolean;
}

interface Stop {
  readonly actor: Actor;
  readonly go: () => void;
}

/**
 * Runs asynchronous production code with a stop before each look at store and queue. Who goes on next, and who never
 * does, is the test's choice, so that a run is a function of its choices.
 */
export class Actors {
  #stops: Stop[] = [];
  readonly all: Actor[] = [];
  readonly faults: string[] = [];

  spawn(name: string, run: (actor: Actor) => Promise<unknown>): Actor {
    const actor: Actor = { name, dead: false, done: false };
    this.all.push(actor);
    const ended = (error?: unknown) => {
      actor.done = true;
      if (error !== undefined) this.faults.push(`${name}: ${error instanceof Error ? error.stack : error}`);
    };
    void run(actor).then(
      () => ended(),
      (error: unknown) => ended(error ?? 'threw nothing'),
    );
    return actor;
  }

  /** A stop of an actor: resolves when it is chosen to go on. */
  stop(actor: Actor): Promise<void> {
    return new Promise((go) => {
      if (!actor.dead) this.#stops.push({ actor, go });
    });
  }

  get stops(): number {
    return this.#stops.length;
  }

  get alive(): readonly Actor[] {
    return this.all.filter((actor) => !actor.dead && !actor.done);
  }

  kill(actor: Actor): void {
    actor.dead = true;
    this.#stops = this.#stops.filter((stop) => stop.actor !== actor);
  }

  /** Lets one that stands go on to its next stop. */
  step(pick: number): Promise<void> {
    return this.#goOn(pick % Math.max(1, this.#stops.length));
  }

  /** The same for a certain one. */
  stepOf(actor: Actor): Promise<void> {
    return this.#goOn(this.#stops.findIndex((stop) => stop.actor === actor));
  }

  async #goOn(at: number): Promise<void> {
    if (at >= 0) this.#stops.splice(at, 1)[0]?.go();
    await settled();
  }
}

/** When everything that can go on without a stop has. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
