import { describe, expect, test } from '@jest/globals';
import { FIRST_ROTA, later, odooTime, type StoreTime, storeTime } from '@odoo-sync/core';
import type { Begin } from './contracted.js';
import { ERROR, LATER, stateOf, TAIL_END, there } from './fixtures.js';

/** A tail's life, release by release. */
export function describeTails(begin: Begin): void {
  /** A user whose first tail is out. @returns its number too. */
  const open = async () => {
    const stage = await begin();
    const { store, user } = stage;
    const { rev } = await stateOf(store, user);
    const at = await store.now();
    const what = { tail: true, round: [], rota: FIRST_ROTA, idleUntil: null, nextTurnAt: LATER };
    const [turn] = there(await store.release(user, { rev, at, ...what }));
    return { ...stage, release: there(turn).release, tail: async () => (await stateOf(store, user)).tail };
  };

  describe('a tail', () => {
    test('is released from idle only, started, and ends with the next number queued', async () => {
      const { store, user, release, tail } = await open();
      const { rev } = await stateOf(store, user);
      const what = { tail: true, round: [], rota: FIRST_ROTA, idleUntil: null, nextTurnAt: LATER, at: LATER };
      expect(await store.release(user, { rev, ...what })).toBeNull();
      expect(await store.tailEnd(user, release, TAIL_END)).toBeNull();
      const before = await store.now();
      expect(await store.tailStart(user, release)).toBe(true);
      const started = await tail();
      expect(started).toMatchObject({ status: 'running', release });
      expect(there(started.startedAt).getTime()).toBeGreaterThanOrEqual(before.getTime());
      const next = await store.tailEnd(user, release, { ...TAIL_END, error: ERROR, missed: ['invoices'] });
      expect(next).toMatchObject({ kind: 'tail', turnId: 'tail-acme', release: release + 1, module: null });
      expect(await tail()).toMatchObject({
        ...{ status: 'queued', release: release + 1, pauseMs: 1_000, lastError: ERROR, missed: ['invoices'] },
        lastChangeAt: user.connectedAt,
      });
    });

    test('is due so long after the start of the one before, and the user is looked at when it is overdue', async () => {
      const { store, user, release, tail, pass, settings } = await open();
      await store.tailStart(user, release);
      const startedAt = there((await tail()).startedAt);
      await pass(20);
      const next = await store.tailEnd(user, release, { ...TAIL_END, pauseMs: 60_000, changed: true });
      const { dueAt, lastEnd, lastChangeAt } = await tail();
      expect(dueAt.getTime()).toBe(startedAt.getTime() + 60_000);
      expect(next?.delayMs).toBe(dueAt.getTime() - there(lastEnd).getTime());
      expect(next?.delayMs).toBeLessThanOrEqual(60_000 - 20);
      expect(lastChangeAt).toEqual(lastEnd);
      const { nextTurnAt } = await stateOf(store, user);
      expect(nextTurnAt.getTime()).toBe(dueAt.getTime() + settings.repairMs);
    });

    test('that took longer than its interval is due a while after its end', async () => {
      const { store, user, release, pass } = await open();
      await store.tailStart(user, release);
      await pass(20);
      expect(await store.tailEnd(user, release, { ...TAIL_END, pauseMs: 1, waitMs: 500 })).toMatchObject({
        delayMs: 500,
      });
    });

    test('that is handed back is queued under its number, and nobody died', async () => {
      const { store, user, release, tail } = await open();
      await store.tailStart(user, release);
      await store.tailHandBack(user, release);
      expect(await tail()).toMatchObject({ status: 'queued', release });
      await store.tailStart(user, release);
      expect(await tail()).toMatchObject({ status: 'running', release, expiries: 0 });
    });

    test('counts the workers that died over it, until a pass ends', async () => {
      const { store, user, release, tail } = await open();
      await store.tailStart(user, release);
      await store.tailStart(user, release);
      expect(await tail()).toMatchObject({ expiries: 1 });
      expect(await store.tailReissue(user, release)).toMatchObject({ release: release + 1, delayMs: 0 });
      expect(await tail()).toMatchObject({ status: 'queued', release: release + 1, expiries: 2 });
      // Queued: its job was lost, and nobody died.
      expect(await store.tailReissue(user, release + 1)).toMatchObject({ release: release + 2 });
      expect(await tail()).toMatchObject({ expiries: 2 });
      await store.tailStart(user, release + 2);
      await store.tailEnd(user, release + 2, { ...TAIL_END, expiries: 2 });
      expect(await tail()).toMatchObject({ expiries: 2 });
      await store.tailStart(user, release + 3);
      await store.tailEnd(user, release + 3, TAIL_END);
      expect(await tail()).toMatchObject({ expiries: 0 });
    });

    describe('that found nothing', () => {
      const QUIET = { ...TAIL_END, quiet: true, pauseMs: 60_000 };
      /** The first tail runs, and the planner has seen that nothing else is to be done before. */
      const idle = async (idleUntil: StoreTime | null = LATER) => {
        const stage = await open();
        const { store, user, release } = stage;
        const look = { tail: false, round: [], rota: FIRST_ROTA, idleUntil, nextTurnAt: LATER };
        const { rev } = await stateOf(store, user);
        there(await store.release(user, { rev, at: await store.now(), ...look }));
        await store.tailStart(user, release);
        return stage;
      };

      test('is alone: the look of before holds, and the next one is when it said, or the tail is overdue', async () => {
        const { store, user, release, tail, settings } = await idle();
        expect(await store.tailEnd(user, release, QUIET)).toMatchObject({
          release: release + 1,
          alone: true,
        });
        const overdue = (await tail()).dueAt.getTime() + settings.repairMs;
        expect(await stateOf(store, user)).toMatchObject({ nextTurnAt: new Date(overdue), idleUntil: LATER });
        const soon = later(await store.now(), 40_000);
        const other = await idle(soon);
        expect(await other.store.tailEnd(other.user, other.release, QUIET)).toMatchObject({ alone: true });
        expect(await stateOf(other.store, other.user)).toMatchObject({ nextTurnAt: soon, idleUntil: soon });
      });

      test.each<[why: string, act: (stage: Awaited<ReturnType<typeof idle>>) => Promise<unknown>]>([
        ['the user was made due', ({ store, user }) => store.makeUserDue(user)],
        [
          'a look at the user that was due failed',
          async ({ store, user }) => {
            await store.makeUserDue(user);
            await store.setAside([user.userKey], 600_000);
          },
        ],
      ])('is not where %s', async (_why, act) => {
        const stage = await idle();
        const { store, user, release } = stage;
        await act(stage);
        expect(await store.tailEnd(user, release, QUIET)).toMatchObject({ alone: false });
        expect((await stateOf(store, user)).idleUntil).toBeNull();
      });

      test('is not where something waited at the last look, is due by now, or was noted under a lane', async () => {
        const waits = await idle(null);
        expect(await waits.store.tailEnd(waits.user, waits.release, QUIET)).toMatchObject({ alone: false });
        const past = await idle(storeTime(1_000));
        expect(await past.store.tailEnd(past.user, past.release, QUIET)).toMatchObject({ alone: false });
        const loud = await idle();
        expect(await loud.store.tailEnd(loud.user, loud.release, TAIL_END)).toMatchObject({ alone: false });
      });

      test('is not where a clock is believed by it: windows may have begun', async () => {
        const { store, user, release } = await idle();
        const odooNow = async () => odooTime((await store.now()).getTime() + 600_000);
        await store.tailEnd(user, release, { ...QUIET, odooNow: await odooNow() });
        await store.tailStart(user, release + 1);
        const end = { ...QUIET, odooNow: await odooNow() };
        expect(await store.tailEnd(user, release + 1, end)).toMatchObject({ alone: false });
      });
    });

    test('of an older release does nothing', async () => {
      const { store, user, release } = await open();
      await store.tailStart(user, release);
      await store.tailEnd(user, release, TAIL_END);
      await store.tailStart(user, release + 1);
      const before = await stateOf(store, user);
      for (const old of [release, release + 2]) {
        expect(await store.tailStart(user, old)).toBe(false);
        expect(await store.tailEnd(user, old, TAIL_END)).toBeNull();
        expect(await store.tailReissue(user, old)).toBeNull();
        await store.tailHandBack(user, old);
      }
      expect(await stateOf(store, user)).toEqual(before);
    });

    test('notes at its end what it saw of each module, and of the clock', async () => {
      const { store, user, release } = await open();
      const before = await stateOf(store, user);
      const at = odooTime(1_700_000_000_000);
      const unreadable = [{ odooId: 7, reason: 'costs $5', writeDate: at, at }];
      const passes = new Map([
        ['contacts' as const, { lastPass: at, lastWide: at, unreadable }],
        ['invoices' as const, { lastPass: at }],
      ]);
      for (const n of [0, 1]) {
        await store.tailStart(user, release + n);
        const odooNow = odooTime((await store.now()).getTime() + 600_000);
        await store.tailEnd(user, release + n, { ...TAIL_END, passes, odooNow, clockOffMs: 5 });
        if (n === 0) expect((await stateOf(store, user)).skewMs).toBe(0);
      }
      const after = await stateOf(store, user);
      expect(after.clockOffMs).toBe(5);
      expect(Math.abs(after.skewMs - 600_000)).toBeLessThan(2_000);
      expect(after.nextTurnAt.getTime()).toBeLessThanOrEqual((await store.now()).getTime());
      expect(after.modules).toEqual({
        ...before.modules,
        contacts: { ...before.modules.contacts, lastPass: at, lastWide: at, unreadable },
        invoices: { ...before.modules.invoices, lastPass: at },
      });
    });
  });
}
