import { describe, expect, test } from '@jest/globals';
import {
  BATCH_STATUSES,
  BATCH_TRANSITIONS,
  jobIdOf,
  MODULE_NAMES,
  type ModuleName,
  RESYNC_TRANSITIONS,
  windowsIn,
} from '@odoo-sync/core';
import fc from 'fast-check';
import { settled } from './testing/actors.js';
import { ENDINGS, type Ending } from './testing/memoryOdoo.js';
import { World, type WorldOptions } from './testing/world.js';

type Action =
  | { readonly type: 'tick' | 'sweep' | 'flush' }
  | { readonly type: 'step'; readonly picks: readonly number[] }
  | { readonly type: 'take' | 'run' | 'deliverAgain'; readonly pick: number; readonly ending: Ending }
  | { readonly type: 'kill' | 'hang' | 'loseJob' | 'retryRequest' | 'remove' | 'add'; readonly pick: number }
  | {
      readonly type: 'write';
      readonly pick: number;
      readonly odooId: number;
      readonly commitsAfterMs: number;
    }
  | { readonly type: 'credentials'; readonly pick: number }
  | { readonly type: 'replace'; readonly pick: number; readonly steps: number }
  | { readonly type: 'crash'; readonly pick: number; readonly steps: number }
  | { readonly type: 'endUntold'; readonly pick: number; readonly state: 'completed' | 'failed' }
  | { readonly type: 'clock'; readonly ms: number }
  | {
      readonly type: 'resyncRequest';
      readonly pick: number;
      readonly modules: readonly ModuleName[];
      readonly days: number;
    };

const LEASE_OUT_MS = 16_000;
/** Stops that a turn has at most when nothing comes between. */
const A_TURN = 60;

/** How long a transaction of Odoo's may take: less than a window is left unsealed for. */
const LATEST_COMMIT_MS = 50_000;

const RESYNCED: readonly ModuleName[] = ['saleOrders', 'contacts'];

/** What goes wrong most in a run: with all of it in equal parts, nothing would fail or crash four times in a row. */
const MOODS = ['mixed', 'failing', 'crashing'] as const;
type Mood = (typeof MOODS)[number];

const pick = fc.nat(1_000);
const kindOf = <T extends string>(...types: readonly [T, ...T[]]) => ({
  type: fc.constantFrom<T[]>(...types),
});
const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

/** How far a worker gets before it dies: mostly to where it reads, under its lane and before its commit. */
const WITH_LANE = fc.integer({ min: 6, max: 9 });
const ANYWHERE = fc.integer({ min: 1, max: 20 });

function endingIn(mood: Mood): fc.Arbitrary<Ending> {
  return fc.oneof(
    weighted(3, fc.constant<Ending>('commit')),
    weighted(4, fc.constantFrom(...ENDINGS)),
    weighted(mood === 'failing' ? 25 : 0, fc.constant<Ending>('fail')),
  );
}

/** @param lives users are removed and added again. */
function actionIn(mood: Mood, lives: boolean): fc.Arbitrary<Action> {
  const ending = endingIn(mood);
  const picks = fc.array(pick, { minLength: 1, maxLength: 16 });
  const modules = fc.subarray([...RESYNCED], { minLength: 1 });
  return fc.oneof(
    weighted<Action>(10, fc.record(kindOf('tick'))),
    weighted<Action>(1, fc.record(kindOf('sweep', 'flush'))),
    weighted<Action>(40, fc.record({ ...kindOf('step'), picks })),
    weighted<Action>(24, fc.record({ ...kindOf('take'), pick, ending })),
    weighted<Action>(mood === 'failing' ? 30 : 6, fc.record({ ...kindOf('run'), pick, ending })),
    weighted<Action>(3, fc.record({ ...kindOf('deliverAgain'), pick, ending })),
    weighted<Action>(5, fc.record({ ...kindOf('kill', 'hang'), pick })),
    weighted<Action>(
      mood === 'crashing' ? 90 : 3,
      fc.record({ ...kindOf('crash'), pick, steps: fc.oneof(WITH_LANE, ANYWHERE) }),
    ),
    weighted<Action>(3, fc.record({ ...kindOf('loseJob', 'retryRequest'), pick })),
    weighted<Action>(
      20,
      fc.record({
        ...kindOf('write'),
        pick,
        odooId: fc.integer({ min: 1, max: 6 }),
        commitsAfterMs: fc.constantFrom(0, 0, 3_000, 15_000, LATEST_COMMIT_MS),
      }),
    ),
    weighted<Action>(2, fc.record({ ...kindOf('credentials'), pick })),
    weighted<Action>(lives ? 8 : 0, fc.record({ ...kindOf('remove', 'add', 'add'), pick })),
    weighted<Action>(lives ? 8 : 0, fc.record({ ...kindOf('replace'), pick, steps: fc.nat(4) })),
    weighted<Action>(
      2,
      fc.record({ ...kindOf('endUntold'), pick, state: fc.constantFrom('completed', 'failed') }),
    ),
    weighted<Action>(
      12,
      fc.record({ ...kindOf('clock'), ms: fc.constantFrom(500, 2_000, 10_000, LEASE_OUT_MS, 60_000) }),
    ),
    weighted<Action>(
      5,
      fc.record({ ...kindOf('resyncRequest'), pick, modules, days: fc.integer({ min: 1, max: 2 }) }),
    ),
  );
}

const ACTIONS = { minLength: 100, maxLength: 400, size: 'max' } as const;
const actions = (lives: boolean) =>
  fc.constantFrom(...MOODS).chain((mood) => fc.array(actionIn(mood, lives), ACTIONS));

const userAt = (pick: number) => `user${pick % 2}`;

async function play(world: World, act: Action, crowd: number): Promise<void> {
  const chosen = <T>(all: Iterable<T>, n: number): T | undefined => {
    const list = [...all];
    return list[n % Math.max(1, list.length)];
  };
  const crowded = world.actors.alive.length >= crowd;
  switch (act.type) {
    case 'tick':
      if (!crowded) world.tick();
      break;
    case 'sweep':
      if (!crowded) world.sweep();
      break;
    case 'flush':
      world.queue.jobs.clear();
      break;
    case 'step':
      for (const n of act.picks) {
        await world.actors.step(n);
        checkInvariants(world);
      }
      break;
    case 'take': {
      const entry = chosen(world.queue.waiting, act.pick);
      if (entry && !crowded) world.take(entry, act.ending);
      break;
    }
    case 'run': {
      const entry = chosen(world.queue.waiting, act.pick);
      if (!entry) break;
      const actor = world.take(entry, act.ending);
      for (let step = 0; step < A_TURN && !actor.done; step++) await world.actors.stepOf(actor);
      break;
    }
    case 'deliverAgain': {
      const job = chosen(world.queue.ever, act.pick);
      if (job && !crowded) world.deliver(job, act.ending);
      break;
    }
    case 'kill': {
      const actor = chosen(world.actors.alive, act.pick);
      if (actor) world.kill(actor);
      break;
    }
    case 'crash': {
      const entry = chosen(world.queue.waiting, act.pick);
      if (!entry) break;
      const actor = world.take(entry, 'commit');
      for (let step = 0; step < act.steps; step++) await world.actors.stepOf(actor);
      world.kill(actor);
      world.moveClock(LEASE_OUT_MS);
      break;
    }
    case 'hang':
      world.lanes.hang(act.pick);
      break;
    case 'loseJob': {
      const id = chosen(world.queue.jobs.keys(), act.pick);
      if (id) world.queue.jobs.delete(id);
      break;
    }
    case 'endUntold': {
      const entry = chosen(world.queue.jobs.values(), act.pick);
      if (entry) Object.assign(entry, { state: act.state, runner: null });
      break;
    }
    case 'clock':
      world.moveClock(act.ms);
      break;
    case 'resyncRequest': {
      const userKey = chosen(world.ledger.users.keys(), act.pick);
      if (userKey && world.ledger.resyncs.size < 6) world.requestResync(userKey, act.modules, act.days);
      break;
    }
    case 'retryRequest':
      world.requestRetry(act.pick);
      break;
    case 'write': {
      const module = MODULE_NAMES[act.pick % MODULE_NAMES.length];
      if (module) world.odoo.write(userAt(act.pick), module, act.odooId, act.commitsAfterMs);
      break;
    }
    case 'credentials':
      world.setCredentials(userAt(act.pick));
      break;
    case 'remove':
      if (!crowded) world.remove(userAt(act.pick));
      break;
    case 'add':
      if (!crowded) world.add(userAt(act.pick));
      break;
    case 'replace': {
      // Removed by two at once, of whom one stands still in the middle of it while the user is added again.
      const userKey = userAt(act.pick);
      const late = world.remove(userKey);
      for (let step = 0; late && step < act.steps; step++) await world.actors.stepOf(late);
      for (const actor of [world.remove(userKey), world.add(userKey)])
        while (actor && !actor.done) await world.actors.stepOf(actor);
      break;
    }
  }
  await settled();
  checkInvariants(world);
}

function checkInvariants({ ledger, lanes, actors, settings }: World): void {
  const broken = [...ledger.violations, ...actors.faults];
  for (const {
    _id,
    life,
    status,
    sealedBy,
    attempts,
    expiries,
    retryAt,
    release,
  } of ledger.batches.values()) {
    const what = `${_id} is ${status} with ${attempts} attempts, ${expiries} expiries, number ${release}`;
    if (!BATCH_STATUSES.includes(status)) broken.push(what);
    if (attempts > settings.maxAttempts || expiries > settings.maxExpiries) broken.push(what);
    if (status === 'queued' && attempts >= settings.maxAttempts) broken.push(`${what}: none is left`);
    if (retryAt && status !== 'queued') broken.push(`${what}, and waits until ${retryAt.toISOString()}`);
    if (status !== 'pending' && sealedBy !== 'survey' && release === ledger.bases.get(life))
      broken.push(`${what}: never released`);
  }
  for (const [userKey, life] of ledger.added) {
    const user = ledger.users.get(userKey);
    if (user?.life !== life || user.standing === 'removing' || ledger.states.get(userKey)?.life !== life)
      broken.push(`${userKey} was lost in its ${life}`);
    for (const { tiled, batches } of ledger.windowsOf(userKey)) {
      const made = batches.reduce(
        (sum, { startTime, endTime }) => sum + windowsIn({ start: startTime, end: endTime }),
        0,
      );
      const windows = windowsIn({ start: tiled.from, end: tiled.until });
      if (made !== windows) broken.push(`${userKey} has ${made} windows of ${windows} of ${tiled.module}`);
    }
  }
  for (const { _id, userKey, life } of [...ledger.batches.values(), ...ledger.resyncs.values()])
    if (ledger.users.get(userKey)?.life !== life) broken.push(`${_id} of ${life} outlived it`);
  for (const { _id, status, position, total, failures } of ledger.resyncs.values()) {
    const what = `${_id} is ${status} at ${position} of ${total} with ${failures.length} failures`;
    const ended = status === 'succeeded' || status === 'failed';
    if (ended !== (position === total)) broken.push(what);
    if (failures.length > position || (status === 'failed') !== (ended && failures.length > 0))
      broken.push(what);
  }
  for (const userKey of ledger.users.keys()) {
    const leased = new Set(lanes.liveHolders(userKey).map(({ turnId }) => turnId));
    const running = [...ledger.batches.values(), ...ledger.resyncs.values()].filter(
      ({ _id, status }) => leased.has(_id) && (status === 'running' || status === 'committing'),
    );
    if (running.length > settings.userConcurrency)
      broken.push(`${running.map(({ _id }) => _id).join(' and ')} run at once`);
    const seats = running.map((turnId) => ('module' in turnId ? turnId.module : turnId._id));
    if (new Set(seats).size < seats.length) broken.push(`two run in one lane: ${seats.join(', ')}`);
  }
  if (broken.length > 0) throw new Error(broken.join('\n'));
}

const DAY_MS = 86_400_000;
const ROUND_MS = 10_000;
/** A tail that killed its workers rests for an hour. */
const LONG_ROUND_MS = 300_000;
const ROUNDS_IN_STEPS = 60;
const MOST_ROUNDS = 90;
const MOST_STEPS_A_ROUND = 600;
const WORKERS = 3;
const ROUNDS_A_SWEEP = 6;

/** Workers live, the queue works, the clock moves: plays until everything has ended well, or for some hours. @returns when it began. */
async function recover(world: World): Promise<number> {
  const { ledger } = world;
  const since = world.now();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    world.tick();
    if (round % ROUNDS_A_SWEEP === 0) world.sweep();
    for (const { userKey, standing } of ledger.users.values()) {
      if (standing === 'removing') world.remove(userKey);
      if (standing === 'needs_attention') world.setCredentials(userKey);
    }
    await workOff(world);
    if (unsettled(world, since).length === 0) break;
    const unavailable = [...ledger.states.values()].some(({ modules }) =>
      Object.values(modules).some(({ state }) => state === 'unavailable'),
    );
    // A tail asks once a day whether they can be read again.
    world.moveClock(unavailable ? DAY_MS : round < ROUNDS_IN_STEPS ? ROUND_MS : LONG_ROUND_MS);
    await settled();
  }
  return since;
}

async function workOff(world: World): Promise<void> {
  for (let step = 0; step < MOST_STEPS_A_ROUND; step++) {
    const [waiting] = world.queue.waiting;
    if (waiting && world.actors.alive.length < WORKERS) {
      world.take(waiting, 'commit');
      await settled();
    }
    if (world.actors.stops === 0) return;
    await world.actors.step(0);
    checkInvariants(world);
  }
}

/** What has not ended as it should. */
function unsettled({ ledger }: World, since: number): readonly string[] {
  const left: string[] = [];
  for (const { _id, userKey, status, dueAt } of ledger.batches.values()) {
    const waitsForSeal = status === 'open' && dueAt > ledger.odooNow(userKey);
    if (status !== 'succeeded' && !waitsForSeal) left.push(`${_id} is ${status}`);
  }
  for (const { _id, status } of ledger.resyncs.values())
    if (status !== 'succeeded' && status !== 'failed') left.push(`${_id} is ${status}`);
  for (const [userKey, { tail, modules }] of ledger.states) {
    const { standing } = ledger.users.get(userKey) ?? {};
    if (standing !== 'active') left.push(`${userKey} is ${standing}`);
    for (const name of MODULE_NAMES) {
      const { state, tiling } = modules[name];
      if (state !== 'active') left.push(`${name} of ${userKey} is ${state}`);
      if (!tiling || tiling.until <= ledger.odooNow(userKey)) left.push(`${userKey} has no ${name} for now`);
    }
    if (!tail.lastEnd || tail.lastEnd.getTime() < since || tail.lastError)
      left.push(`no tail of ${userKey}: ${tail.status}`);
  }
  return left;
}

/** Failed for good, and no failed job in the queue that an operator could press. */
const pressless = ({ ledger, queue }: World): readonly string[] =>
  [...ledger.batches.values(), ...ledger.resyncs.values()]
    .filter(({ _id, release, status }) => {
      const failedJob = queue.jobs.get(jobIdOf(_id, release))?.state === 'failed';
      return status === 'failed' && !failedJob;
    })
    .map(({ _id }) => _id);

/** Records that the mirror doesn't hold as their Odoo has them. */
function differences({ ledger, mirror, odoo }: World): readonly string[] {
  const found: string[] = [];
  for (const user of ledger.users.values())
    for (const module of MODULE_NAMES) {
      const { tiling } = ledger.stateOf(user.userKey).modules[module];
      const mirrored = mirror.of(user, module);
      for (const { odooId, writeDate, hash } of odoo.visible(user.userKey, module)) {
        if (!tiling || writeDate < tiling.from) continue;
        const held = mirrored.get(odooId);
        if (held?.hash === hash && held.life === user.life) continue;
        const has = held ? `${held.hash} of ${held.life}` : 'none';
        found.push(`${user.userKey} ${module} ${odooId}: ${hash}, mirrored ${has}`);
      }
    }
  return found;
}

/** The next midnight, by when every window that ends there can be sealed. */
const untilSealable = ({ now, settings }: World): number =>
  DAY_MS - (now() % DAY_MS) + settings.settleMs + DAY_MS / 24;

const options = fc.record({
  /** How many run at once: a few get far, many meet. */
  crowd: fc.integer({ min: 1, max: 6 }),
  users: fc.integer({ min: 1, max: 2 }),
  userConcurrency: fc.integer({ min: 1, max: 2 }),
  skewMs: fc.constantFrom(0, 0, -7_000, 45_000),
});

type Given = WorldOptions & { readonly crowd: number };

/** Plays a life, has it recover, and waits a night: then nothing is left undone, and every mirror is as its Odoo. */
async function live({ crowd, ...given }: Given, acts: readonly Action[]): Promise<World> {
  const world = new World(given);
  for (const act of acts) await play(world, act, crowd);
  const since = await recover(world);
  expect(unsettled(world, since)).toEqual([]);
  for (let round = 0; round < 3; round++) {
    world.sweep();
    await workOff(world);
    world.moveClock(ROUND_MS);
  }
  expect(pressless(world)).toEqual([]);
  world.moveClock(untilSealable(world));
  await recover(world);
  expect(differences(world)).toEqual([]);
  return world;
}

/** @param manyLives users are removed and added again. */
const lives = (manyLives: boolean) =>
  fc.asyncProperty(options, actions(manyLives), async (given, acts) => {
    await live(given, acts);
  });

describe('whatever happens in whatever order', () => {
  test('the rules hold at every step, and what was left undone is done once things work again', async () => {
    // Shrinking goes on for longer than a test may take.
    await fc.assert(lives(false), { numRuns: 80, interruptAfterTimeLimit: 40_000 });
  });

  test('a user who is removed and added again is there, and nothing of an earlier life reaches it', async () => {
    await fc.assert(lives(true), { numRuns: 80, interruptAfterTimeLimit: 40_000 });
  });

  test('runs reach every event of both tables', async () => {
    const batchEvents = Object.keys(BATCH_TRANSITIONS).map((type) => `batch ${type}`);
    const resyncEvents = Object.keys(RESYNC_TRANSITIONS).map((type) => `resync ${type}`);
    const unreached = new Set([...batchEvents, ...resyncEvents, 'crashed']);
    const note = ({ ledger }: World) => {
      for (const event of ledger.events) unreached.delete(event);
    };
    const reach = fc.asyncProperty(options, actions(false), async (given, acts) => {
      if (unreached.size > 0) note(await live(given, acts));
    });
    await fc.assert(reach, { seed: 8, numRuns: 100, endOnFailure: true });
    expect([...unreached]).toEqual([]);
  });
});
