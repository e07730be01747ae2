import { type Actor, settled } from './actors.js';
import type { Ending } from './memoryOdoo.js';
import type { QueuedJob } from './memoryQueue.js';
import { World } from './world.js';

/** Lets everything that stands go on, in turn, until nothing does. @throws what went wrong on the way. */
export async function settle(world: World): Promise<void> {
  await settled();
  while (world.actors.stops > 0) await world.actors.step(0);
  const [fault] = world.actors.faults;
  if (fault) throw new Error(fault);
}

/** The job that waits for a turn. @throws where none does. */
export function waitingJob({ queue }: World, turnId: string): QueuedJob {
  const entry = queue.waiting.find(({ job }) => job.turnId === turnId);
  if (!entry) throw new Error(`no job of ${turnId} waits, but ${[...queue.jobs.keys()].join(', ')}`);
  return entry;
}

/** Runs the turn whose job waits, to its end. */
export async function runTurnOf(world: World, turnId: string, ending: Ending = 'commit'): Promise<void> {
  world.take(waitingJob(world, turnId), ending);
  await settle(world);
}

/** Works off all that waits now, turn by turn. */
export async function workOff(world: World): Promise<void> {
  for (let [next] = world.queue.waiting; next; [next] = world.queue.waiting) {
    world.take(next, 'commit');
    await settle(world);
  }
}

/** Steps one actor until something holds. @throws where it ends before. */
export async function stepUntil(world: World, actor: Actor, holds: () => boolean): Promise<void> {
  await settled();
  while (!holds()) {
    if (actor.done) throw new Error(`${actor.name} ended before`);
    await world.actors.stepOf(actor);
  }
}

/** A connected user whose windows were made and read, and whose tail has passed. */
export async function caughtUp(): Promise<World> {
  const world = new World({ users: 1, userConcurrency: 1, skewMs: 0 });
  world.tick();
  await settle(world);
  await workOff(world);
  return world;
}
