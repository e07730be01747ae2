import { describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@odoo-sync/core';
import type { TurnPayload } from '@odoo-sync/queue';
import { type Api, ApiWorld } from '../testing/apiWorld.js';

const world = new ApiWorld();
/** Every window of a user: only then is the one that is retried the next to go. */
const ALL = 12;
const QUEUE = '/queues/api/queues/turns';

async function withFailed(count: number): Promise<{ api: Api; failed: readonly TurnPayload[] }> {
  const api = await world.open();
  await world.addUser(api);
  return { api, failed: await world.failWindows(api, 'acme', count) };
}

const first = (turns: readonly TurnPayload[]): TurnPayload & { readonly id: string } => {
  const [turn] = turns;
  if (!turn) throw new Error('nothing failed');
  return { ...turn, id: jobIdOf(turn.turnId, turn.release) };
};

describe("Bull Board's retry", () => {
  test('gives a failed window a new release with all attempts, and takes its old job away', async () => {
    const { api, failed } = await withFailed(ALL);
    const { id, turnId, release } = first(failed);
    expect(await api.store.batch(turnId)).toMatchObject({ status: 'failed', attempts: 4, release });

    const answer = await world.ask(api, 'PUT', `${QUEUE}/${encodeURIComponent(id)}/retry`);
    expect(answer.status).toBe(204);
    expect(await api.store.batch(turnId)).toMatchObject({
      status: 'queued',
      attempts: 0,
      release: release + 1,
    });
    expect(await api.jobQueue.state(id)).toBe('absent');
    const job = await api.turns.getJob(jobIdOf(turnId, release + 1));
    expect(job).toMatchObject({ attemptsMade: 0, opts: { attempts: 4 } });
    expect(await job?.getState()).toBe('waiting');
  });

  test('of all brings each of them back', async () => {
    const { api, failed } = await withFailed(4);
    const answer = await world.ask(api, 'PUT', `${QUEUE}/retry/failed`);
    expect(answer).toMatchObject({ status: 200, json: { retried: 4, skipped: 0 } });
    expect(await api.turns.getJobCounts('failed')).toEqual({ failed: 0 });
    for (const { turnId } of failed)
      expect((await api.store.batch(turnId))?.status).toMatch(/^(?:pending|queued)$/);

    const again = await world.failWindows(api, 'acme', ALL);
    for (const { turnId, release } of failed)
      expect(again).toContainEqual(expect.objectContaining({ turnId, release: release + 1 }));
  });

  test('twice at once releases once', async () => {
    const { api, failed } = await withFailed(ALL);
    const { id, turnId, release } = first(failed);
    const press = () => world.ask(api, 'PUT', `${QUEUE}/${encodeURIComponent(id)}/retry`);
    await Promise.all([press(), press()]);
    expect(await api.store.batch(turnId)).toMatchObject({ status: 'queued', release: release + 1 });
    expect(await api.jobQueue.state(jobIdOf(turnId, release + 1))).toBe('waiting');
  });

  test('on a job whose window is not failed any more only takes the job away', async () => {
    const { api, failed } = await withFailed(ALL);
    const { id, turnId, release } = first(failed);
    await api.store.requestRetry(turnId);
    const answer = await world.ask(api, 'PUT', `${QUEUE}/${encodeURIComponent(id)}/retry`);
    expect(answer.status).toBe(204);
    expect(await api.jobQueue.state(id)).toBe('absent');
    expect(await api.store.batch(turnId)).toMatchObject({
      status: 'queued',
      release: release + 1,
      attempts: 0,
    });
  });
});

describe('Bull Board', () => {
  test('shows a failed window in words, with its error', async () => {
    const { api, failed } = await withFailed(1);
    const { id, module, windowStart } = first(failed);
    const { json } = await world.ask(api, 'GET', '/queues/api/queues?activeQueue=turns&status=failed');
    const [turns, tick] = json.queues;
    expect(turns).toMatchObject({ readOnlyMode: false, allowRetries: true, allowCompletedRetries: false });
    expect(turns.jobs[0]).toMatchObject({
      id,
      name: `backfill · acme · ${module} ${windowStart?.slice(0, 10)}`,
      failedReason: '502 from Odoo',
      externalUrl: { href: '/users/acme' },
    });
    expect(tick).toMatchObject({ name: 'tick', readOnlyMode: true });
  });

  test('serves its page and its own files', async () => {
    const api = await world.open();
    const page = await world.ask(api, 'GET', '/queues/queue/turns?status=failed');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'sha256-[^']+'; /,
    );
    expect(page.text).not.toMatch(/https?:|style[=>]/);
    const script = /src="(static\/[^"]+\.js)"/.exec(page.text)?.[1];
    expect((await world.ask(api, 'GET', `/queues/${script}`)).status).toBe(200);
  });

  test('that is paused shows in the status, and goes on when it is resumed', async () => {
    const { api } = await withFailed(1);
    expect((await world.ask(api, 'PUT', `${QUEUE}/pause`)).status).toBe(200);
    expect((await world.ask(api, 'GET', '/status')).json.notes).toEqual([
      'the queue is paused: no turn starts until somebody presses Resume in Bull Board',
    ]);
    expect((await world.ask(api, 'PUT', `${QUEUE}/resume`)).status).toBe(200);
    expect((await world.ask(api, 'GET', '/status')).json.notes).toEqual([]);
    expect(await world.failWindows(api, 'acme', 1)).toHaveLength(1);
  });

  test('leaves a job that is not a turn to BullMQ, with all attempts', async () => {
    const api = await world.open();
    await world.addUser(api);
    await api.turns.add('stranger', { who: 'knows' }, { jobId: 'stranger-1', attempts: 3 });
    await world.failWindows(api, 'acme', 1);
    const { json } = await world.ask(api, 'GET', '/queues/api/queues?activeQueue=turns&status=failed');
    expect(json.queues[0].jobs).toContainEqual(
      expect.objectContaining({ name: 'stranger', attempts: 1, externalUrl: expect.anything() }),
    );
    expect((await world.ask(api, 'PUT', `${QUEUE}/stranger-1/retry`)).status).toBe(204);
    const job = await api.turns.getJob('stranger-1');
    expect([await job?.getState(), job?.attemptsMade]).toEqual(['waiting', 0]);
  });

  test('does not repeat what is done', async () => {
    const { api } = await withFailed(1);
    const { json } = await world.ask(api, 'GET', '/queues/api/queues?activeQueue=turns&status=completed');
    const [{ id }] = json.queues[0].jobs;
    const answer = await world.ask(api, 'PUT', `${QUEUE}/${id}/retry`);
    expect(answer).toMatchObject({ status: 405, json: { message: expect.stringContaining('resync') } });
    expect(await api.jobQueue.state(id)).toBe('completed');
  });
});
