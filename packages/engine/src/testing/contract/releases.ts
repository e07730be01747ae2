import { describe, expect, test } from '@jest/globals';
import { type Candidate, FIRST_ROTA, jobIdOf, type Release, storeTime } from '@odoo-sync/core';
import { batchAt, failedBatch, layWindows, queuedBatch } from './batches.js';
import type { Begin, Stage } from './contracted.js';
import { dayAfter, ERROR, firstDay, LATER, stateOf, there } from './fixtures.js';

/** Releasing turns: of a view of a user's state, all that it asked for or nothing. */
export function describeReleases(begin: Begin): void {
  const open = async () => {
    const stage = await begin();
    await layWindows(stage.store, stage.user, 3);
    return stage;
  };
  const view = async ({ store, user }: Stage) => there(await store.snapshot(user.userKey));
  const release = async ({ store, user }: Stage, rev: number, what: Partial<Release>) =>
    store.release(user, {
      rev,
      tail: false,
      round: [],
      rota: { ...FIRST_ROTA, kind: 'backfill' },
      nextTurnAt: LATER,
      idleUntil: null,
      at: await store.now(),
      ...what,
    });
  const candidate = (all: readonly Candidate[], turnId: string) =>
    there(all.find((one) => one.turnId === turnId));

  describe('a release', () => {
    test('raises the numbers of tail and turns, and notes the rota, in one', async () => {
      const stage = await open();
      const { store, user } = stage;
      const { plan, candidates } = await view(stage);
      const first = there(candidates[0]);
      expect(await release(stage, plan.rev, { tail: true, round: [first] })).toEqual([
        expect.objectContaining({ kind: 'tail', turnId: 'tail-acme', release: plan.tail.release + 1 }),
        expect.objectContaining({ ...first, release: first.release + 1, delayMs: 0, replaces: null }),
      ]);
      expect(await stateOf(store, user)).toMatchObject({
        rev: plan.rev + 1,
        nextTurnAt: LATER,
        rota: { kind: 'backfill' },
        tail: { status: 'queued', release: plan.tail.release + 1 },
      });
      expect(await store.batch(first.turnId)).toMatchObject({ status: 'queued', release: first.release + 1 });
      const after = await view(stage);
      expect(after.inFlight.map(({ turnId }) => turnId)).toEqual(['tail-acme', first.turnId]);
      expect(after.candidates.map(({ turnId }) => turnId)).not.toContain(first.turnId);
    });

    test('of several at once from one view is carried out exactly once', async () => {
      const stage = await open();
      const { plan, candidates } = await view(stage);
      const tries = await Promise.all(
        candidates.slice(0, 4).map((turn) => release(stage, plan.rev, { round: [turn] })),
      );
      expect(tries.filter((one) => one !== null)).toHaveLength(1);
      expect((await view(stage)).inFlight).toHaveLength(1);
      expect((await stateOf(stage.store, stage.user)).rev).toBe(plan.rev + 1);
    });

    test('from a view that is out of date changes nothing', async () => {
      const stage = await open();
      const { plan, candidates } = await view(stage);
      await stage.store.makeUserDue(stage.user);
      const before = await stateOf(stage.store, stage.user);
      const round = candidates.slice(0, 1);
      expect(await release(stage, plan.rev, { tail: true, round })).toBeNull();
      expect(await release(stage, plan.rev, {})).toBeNull();
      expect(await stateOf(stage.store, stage.user)).toEqual(before);
      expect((await view(stage)).inFlight).toEqual([]);
    });

    test('is refused as a whole where one of its turns has moved on', async () => {
      const stage = await open();
      const { plan, candidates } = await view(stage);
      const moved = await queuedBatch(stage.store, stage.user, 1);
      const round = [candidate(candidates, (await batchAt(stage.store, stage.user))._id)];
      const before = await stateOf(stage.store, stage.user);
      const both = [...round, candidate(candidates, moved._id)];
      expect(await release(stage, plan.rev, { tail: true, round: both })).toBeNull();
      expect(await stateOf(stage.store, stage.user)).toEqual(before);
      expect(await batchAt(stage.store, stage.user)).toMatchObject({ status: 'pending' });
      expect(await batchAt(stage.store, stage.user, 1)).toEqual(moved);
    });

    test('of nothing notes when to look again, once', async () => {
      const stage = await open();
      const { plan } = await view(stage);
      expect(await stage.store.dueUsers(10)).toEqual(['acme']);
      expect(await release(stage, plan.rev, {})).toEqual([]);
      expect(await stage.store.dueUsers(10)).toEqual([]);
      expect(await release(stage, plan.rev, {})).toBeNull();
    });

    test('without a date for the next turn is an error of its caller', async () => {
      const stage = await open();
      const { plan } = await view(stage);
      await expect(release(stage, plan.rev, { nextTurnAt: storeTime(Number.NaN) })).rejects.toThrow(
        'no date',
      );
      expect((await stateOf(stage.store, stage.user)).rev).toBe(plan.rev);
    });

    test('of a failed batch names the failed job, and begins a new series of attempts', async () => {
      const stage = await open();
      const failed = await failedBatch(stage.store, stage.user);
      expect(failed).toMatchObject({ status: 'failed', attempts: 1 });
      const { plan, candidates } = await view(stage);
      const released = await release(stage, plan.rev, { round: [candidate(candidates, failed._id)] });
      expect(released).toMatchObject([
        { turnId: failed._id, release: failed.release + 1, replaces: jobIdOf(failed._id, failed.release) },
      ]);
      expect(await batchAt(stage.store, stage.user)).toMatchObject({ status: 'queued', attempts: 0 });
    });

    test('of a retried resync names its failed job, and of its other windows none', async () => {
      const stage = await open();
      const { store, user } = stage;
      const range = { from: firstDay(user), to: dayAfter(firstDay(user), 2) };
      const { _id } = await stage.requestResync(user, { modules: ['contacts'], ...range });
      /** The resync's next window is released and fails. @returns its number, and the job that it replaces. */
      const failOne = async () => {
        const { plan, candidates } = await view(stage);
        const released = await release(stage, plan.rev, { round: [candidate(candidates, _id)] });
        const started = there(await store.resyncEvent(there(await store.resync(_id)), { type: 'start' }));
        const error = { type: 'fail', error: ERROR, retryAt: LATER, final: true } as const;
        await store.resyncEvent(started, error);
        return there(released?.[0]);
      };
      expect((await failOne()).replaces).toBeNull();
      const last = await failOne();
      expect(last).toMatchObject({ release: 2, replaces: null, startTime: dayAfter(firstDay(user)) });
      await store.resyncEvent(there(await store.resync(_id)), { type: 'retry' });
      expect((await failOne()).replaces).toBe(jobIdOf(_id, last.release));
      expect((await failOne()).replaces).toBeNull();
    });
  });
}
