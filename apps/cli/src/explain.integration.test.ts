import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, storeTime, type User } from '@odoo-sync/core';
import { advance, type UserExplanation, type WakeAnswer } from '@odoo-sync/engine';
import { createJobQueue, openConnection, openQueue } from '@odoo-sync/queue';
import type { MongoStore } from '@odoo-sync/store-mongo';
import { CliWorld } from './testing/cliWorld.js';

const world = new CliWorld({ redis: true });
const HOUR = 3_600_000;
const SECRET = 'a-password-in-an-address';
const soon = () => storeTime(Date.now() + HOUR);
const KEPT = { backoffMs: 20, keepCompleted: 10, keepFailed: 10 };

/** Hands out a user's turns as the tick would. */
async function handOut(store: MongoStore, { userKey }: User): Promise<void> {
  const connection = await openConnection(world.env.REDIS_URL ?? '', { role: 'scheduler' });
  const turns = openQueue(connection, world.prefix);
  try {
    await advance({ store, jobQueue: createJobQueue(turns, KEPT), settings: DEFAULT_SETTINGS }, userKey);
  } finally {
    await turns.close();
    await connection.disconnect();
  }
}

async function explained(...flags: readonly string[]): Promise<UserExplanation> {
  const { out, error } = await world.say(['user', 'explain', 'acme', '--json', ...flags]);
  expect(error).toBeUndefined();
  return JSON.parse(out) as UserExplanation;
}

describe('user explain', () => {
  test('tells what a look would hand out, and why the rest waits', async () => {
    const store = await world.store();
    const user = await world.user(store);
    const { next, tail, waiting, places, queueAway } = await explained();
    expect(next).toEqual([expect.objectContaining({ fate: 'released', kind: 'tail' })]);
    expect({ fate: tail.fate, places, queueAway }).toEqual({
      fate: 'released',
      places: { all: 1, taken: 0 },
      queueAway: null,
    });
    expect(waiting).toHaveLength(4);
    expect(waiting[0]).toMatchObject({ kind: 'backfill', due: 3, reason: 'noPlace' });
    await handOut(store, user);
    const after = await explained();
    expect(after.inFlight).toEqual([
      expect.objectContaining({ kind: 'tail', status: 'queued', job: 'waiting', remedy: null }),
    ]);
    const { out } = await world.say(['user', 'explain', 'acme']);
    expect(out).toContain('acme is active.');
    expect(out).toContain('The tail is in the queue: the next free worker runs it.');
    expect(out).toContain('A look now would release the backfill of saleOrders');
    expect(out).toMatch(/Backfill of contacts: 3 due; no place is free\./);
    expect(out).toMatch(/tail .*all .*queued .*waiting/);
  });

  test('says that a job was lost, and what is done about it', async () => {
    const store = await world.store();
    await handOut(store, await world.user(store));
    const lost = { env: { QUEUE_PREFIX: '{another}' } };
    const say = async () => (await world.say(['user', 'explain', 'acme'], lost)).out;
    expect(await say()).toContain('The tail: its job is not in the queue, and is put there again if');
    await world.patchPlan('acme', { 'tail.dueAt': new Date(Date.now() - HOUR) });
    expect(await say()).toContain('is put there again by the next look.');
  });

  test('says who holds the lanes, and shows so many of the last turns as are asked for', async () => {
    const store = await world.store();
    const user = await world.user(store);
    const counts = { read: 5, inserted: 4, updated: 1, unchanged: 0 };
    for (let n = 0; n < 3; n++) {
      const turn = { ...user, kind: 'backfill', turnId: `turn-${n}`, release: 1 } as const;
      const grant = await store.takeLane(turn, 'contacts');
      if (!('lane' in grant)) throw new Error('the lane is taken');
      if (n < 2) await grant.lane.giveBack({ end: 'succeeded', pages: 1, counts });
      else world.onEnd(() => grant.lane.giveBack({ end: 'noop', pages: 0, counts: null }));
    }
    const { lanes, pastTurns } = await explained('--turns', '1');
    expect(lanes).toEqual([
      expect.objectContaining({
        module: 'contacts',
        expired: false,
        holder: expect.objectContaining({ turnId: 'turn-2' }),
      }),
    ]);
    expect(pastTurns).toHaveLength(1);
    const { out } = await world.say(['user', 'explain', 'acme']);
    expect(out).toMatch(/contacts .*turn-2/);
    expect(out).toMatch(/backfill .*contacts .*succeeded .*5 \(4 new, 1 changed\)/);
  });

  test('tells of holds, of what is unavailable and of errors, on one line and without a secret', async () => {
    const store = await world.store();
    await world.user(store);
    const error = {
      kind: 'transient',
      message: `no\n\u001b[31manswer from https://a:${SECRET}@b.example`,
      at: new Date(),
    };
    await world.patchPlan('acme', {
      holdUntil: soon(),
      paceMs: 2_000,
      outage: { faults: 4, since: new Date(), openUntil: soon(), pauseMs: 1 },
      'tail.lastError': error,
      'modules.employees.state': 'unavailable',
      'modules.employees.reason': error,
      'modules.employees.probeAt': soon(),
    });
    const { holds, tail, sentences, unavailable, next } = await explained();
    expect(holds.map(({ kind }) => kind)).toEqual(['throttled', 'breaker']);
    expect({ reason: tail.reason, next }).toEqual({ reason: 'held', next: [] });
    expect(tail.lastError?.message).toBe('no [31manswer from https://a:***@b.example');
    expect(unavailable[0]).toMatchObject({ module: 'employees', reason: tail.lastError?.message });
    expect(sentences).toContain('A look now would hand out nothing.');
    expect(sentences.join(' ')).toMatch(/the breaker is open.*The tail waits: the user is held until/);
    expect(sentences.join(' ')).toMatch(
      /Backfill of employees: 3 due; the module is unavailable, and is tried again/,
    );
    await world.say(['user', 'explain', 'acme']);
    expect(world.told).not.toContain(SECRET);
  });

  test('shows the rest where Redis is away', async () => {
    const store = await world.store();
    await handOut(store, await world.user(store));
    const { out, exitCode } = await world.say(['user', 'explain', 'acme'], {
      env: { REDIS_URL: `redis://:${SECRET}@127.0.0.1:1` },
    });
    expect(exitCode).toBe(0);
    expect(out).toContain('The queue could not be asked for its jobs: Redis at 127.0.0.1:1 did not answer');
    expect(out).toContain('The tail waits: a tail went last, and what else waits goes first.');
    expect(out).toMatch(/tail .*queued .*not known/);
    expect(world.told).not.toContain(SECRET);
  });

  test('of one that is being removed says that nothing is handed out', async () => {
    const store = await world.store();
    await store.beginRemoval(await world.user(store));
    const { out } = await world.say(['user', 'explain', 'acme']);
    expect(out).toContain('acme is being removed: nothing of it is handed out any more.');
    expect(out).toContain('It is not looked at any more.');
  });
});

describe('user wake', () => {
  const woken = async () =>
    JSON.parse((await world.say(['user', 'wake', 'acme', '--json'])).out) as WakeAnswer;

  test('makes the user due, and leaves the release to the tick', async () => {
    const store = await world.store();
    const user = await world.user(store);
    await handOut(store, user);
    await world.patchPlan('acme', { nextTurnAt: soon(), 'tail.dueAt': soon(), 'rota.tailWasLast': false });
    const { out, exitCode } = await world.say(['user', 'wake', 'acme']);
    expect(exitCode).toBe(0);
    expect(out).toContain('acme is due now.');
    expect(out).toContain('A look now would wake the tail.');
    expect(await store.dueUsers(10)).toEqual(['acme']);
    expect((await explained()).inFlight[0]).toMatchObject({ kind: 'tail', release: 1 });
  });

  test('says which hold stays, and what is tried again', async () => {
    const store = await world.store();
    await world.user(store);
    await world.patchPlan('acme', {
      holdUntil: soon(),
      outage: { faults: 3, since: new Date(), openUntil: soon(), pauseMs: 1 },
      'modules.employees.state': 'unavailable',
      'modules.employees.probeAt': soon(),
    });
    const { probed, breakerTried, holds, next, sentences } = await woken();
    expect({ probed, breakerTried, next }).toEqual({ probed: ['employees'], breakerTried: true, next: [] });
    expect(holds.map(({ kind }) => kind)).toEqual(['throttled']);
    expect(sentences.join(' ')).toMatch(/The next tail tries employees again\..*A hold stays: .*throttled/);
  });

  test('tries one that needs attention once', async () => {
    const store = await world.store();
    const error = { kind: 'credentials' as const, message: 'AccessDenied', at: storeTime(Date.now()) };
    await store.needsAttention(await world.user(store), error, soon());
    const { next, sentences } = await woken();
    expect(next).toEqual([expect.objectContaining({ kind: 'tail', fate: 'released' })]);
    expect(sentences).toContain('It needs attention: its credentials are tried once.');
  });

  test('is refused for one that is being removed', async () => {
    const store = await world.store();
    await store.beginRemoval(await world.user(store));
    expect(await world.say(['user', 'wake', 'acme'])).toMatchObject({
      exitCode: 1,
      error: { kind: 'conflict' },
    });
  });
});
