import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '@odoo-sync/core';
import { advance } from '@odoo-sync/engine';
import { ApiWorld, SECRET } from './testing/apiWorld.js';

const world = new ApiWorld();
const HOUR = 3_600_000;
const soon = () => new Date(Date.now() + HOUR);

describe('GET /users/{id}/explain', () => {
  test("tells a user's next turns, and why the rest waits", async () => {
    const api = await world.open();
    await world.addUser(api);
    await advance(api, 'acme');
    const { status, json } = await world.ask(api, 'GET', '/users/acme/explain?turns=2');
    expect(status).toBe(200);
    expect(json.pastTurns).toHaveLength(2);
    expect(json).toMatchObject({
      userKey: 'acme',
      standing: 'active',
      holds: [],
      places: { all: DEFAULT_SETTINGS.userConcurrency, taken: 0 },
      tail: { status: 'queued', fate: 'waits', reason: 'othersFirst' },
      inFlight: [{ kind: 'tail', job: 'waiting', remedy: null }],
      next: [{ fate: 'released', kind: 'backfill' }],
      queueAway: null,
      lanes: [],
    });
    expect(json.waiting).toHaveLength(4);
    expect(json.waiting[0]).toMatchObject({
      kind: 'backfill',
      module: 'contacts',
      due: 3,
      reason: 'noPlace',
    });
    expect(json.sentences).toContain('The tail is in the queue: the next free worker runs it.');
  });

  test('shows no secret of an error', async () => {
    const api = await world.open();
    await world.addUser(api);
    const message = `502 from https://admin:${SECRET}@odoo.example`;
    await world.patchPlan('acme', { 'tail.lastError': { kind: 'transient', message, at: new Date() } });
    const { json } = await world.ask(api, 'GET', '/users/acme/explain');
    expect(json.tail.lastError.message).toBe('502 from https://admin:***@odoo.example');
  });

  test('shows the rest where Redis does not answer', async () => {
    const api = await world.open();
    await world.addUser(api);
    await advance(api, 'acme');
    const jobQueue = { ...api.jobQueue, state: () => Promise.reject(new Error('Redis is away')) };
    const url = await world.serve({ ...api, jobQueue });
    const { status, json } = await world.ask({ url }, 'GET', '/users/acme/explain');
    expect(status).toBe(200);
    expect(json).toMatchObject({ queueAway: 'Redis is away', inFlight: [{ kind: 'tail', job: null }] });
  });
});

describe('POST /users/{id}/wake', () => {
  test('makes the user due, and hands out at once', async () => {
    const api = await world.open();
    await world.addUser(api);
    const { status, headers, json } = await world.ask(api, 'POST', '/users/acme/wake');
    expect(status).toBe(202);
    expect(headers.location).toBe('/users/acme/explain');
    expect(json).toMatchObject({
      ...{ userKey: 'acme', probed: [], breakerTried: false, holds: [], note: null },
      next: [{ fate: 'released', kind: 'tail' }],
    });
    expect(await api.jobQueue.state('tail-acme-1')).toBe('waiting');
  });

  test('wakes the delayed job of a tail, and releases none beside it, however often it is asked', async () => {
    const api = await world.open();
    await world.addUser(api);
    await advance(api, 'acme');
    for (let n = 0; n < 3; n++) {
      await world.patchPlan('acme', { 'tail.dueAt': soon(), nextTurnAt: soon(), 'rota.tailWasLast': false });
      const { json } = await world.ask(api, 'POST', '/users/acme/wake');
      expect(json.next).toEqual([expect.objectContaining({ fate: 'woken', turnId: 'tail-acme' })]);
    }
    const state = await api.store.syncState((await api.store.user('acme')) ?? { userKey: '', life: '' });
    expect(state?.tail).toMatchObject({ status: 'queued', release: 1 });
    expect(await api.turns.getJobCountByTypes('waiting', 'delayed', 'prioritized')).toBe(1);
  });

  test('says which hold stays', async () => {
    const api = await world.open();
    await world.addUser(api);
    await world.patchPlan('acme', { holdUntil: soon(), suspectUntil: null });
    const { json } = await world.ask(api, 'POST', '/users/acme/wake');
    expect(json).toMatchObject({ next: [], holds: [{ kind: 'throttled' }] });
  });
});
