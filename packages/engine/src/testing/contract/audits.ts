import { describe, expect, test } from '@jest/globals';
import {
  type Audit,
  type AuditRun,
  auditIdOf,
  FencedOutError,
  later,
  NO_DIFFERENCES,
  odooTime,
  type Release,
} from '@odoo-sync/core';
import type { Begin, Stage } from './contracted.js';
import {
  ERROR,
  LATER,
  missing,
  record,
  SUMMARY,
  scopeOf,
  stateOf,
  streamOf,
  take,
  there,
  turnOf,
} from './fixtures.js';

/** Audits in the ledger, and what they ask of the mirror. */
export function describeAudits(begin: Begin): void {
  const ID = auditIdOf('acme', 'contacts');
  const RECORDS = [record(1), record(2), record(5)];
  const dateOf = (odooId: number) => record(odooId).writeDate.getTime();
  const DATES = new Map([1, 2, 5].map((odooId) => [odooId, dateOf(odooId)]));

  const auditOf = async ({ store }: Stage): Promise<Audit> => there(await store.audit(ID));
  /** Brings the audit's next slice to now, as a wish does. */
  const due = async (stage: Stage): Promise<Audit> =>
    there(
      await stage.store.auditEvent(await auditOf(stage), {
        type: 'ask',
        at: await stage.store.now(),
        deep: false,
      }),
    );
  const running = async (stage: Stage): Promise<Audit> => {
    const queued = there(
      await stage.store.auditEvent(await due(stage), { type: 'release', at: await stage.store.now() }),
    );
    return there(await stage.store.auditEvent(queued, { type: 'start' }));
  };
  const runOf = async ({ store }: Stage): Promise<AuditRun> => {
    const now = await store.now();
    return {
      asOf: odooTime(now),
      startedAt: now,
      phase: 'compare',
      share: 0,
      schema: null,
      afterId: 7,
      records: 5,
      mirrored: 6,
      found: { ...NO_DIFFERENCES, gone: 1 },
      healed: 0,
      unreadable: [],
      gone: [3],
    };
  };
  /** With three contacts in the mirror. */
  const mirrored = async () => {
    const stage = await begin();
    const { store, user } = stage;
    const lane = await take(store, turnOf(user), 'contacts');
    await store.commitTail(scopeOf(user, lane), streamOf(RECORDS));
    return { ...stage, lane };
  };

  describe('an audit', () => {
    test('is there for each module of a user, and is due within the interval', async () => {
      const stage = await begin();
      const now = await stage.store.now();
      for (const module of ['saleOrders', 'invoices', 'contacts', 'employees'] as const) {
        const audit = there(await stage.store.audit(auditIdOf('acme', module)));
        expect(audit).toMatchObject({ status: 'idle', module, run: null, result: null });
        expect(audit.dueAt <= later(now, stage.settings.auditIntervalMs)).toBe(true);
      }
      expect(await stage.store.audit(auditIdOf('nobody', 'contacts'))).toBeNull();
    });

    test('is handed out when it is due, and once', async () => {
      const stage = await begin();
      const { store, user } = stage;
      const { _id: turnId, release: before } = await due(stage);
      const seen = there(await store.snapshot('acme'));
      const candidate = there(seen.candidates.find(({ kind }) => kind === 'audit'));
      expect(candidate).toMatchObject({ turnId, module: 'contacts', startTime: null });
      const { plan, now } = seen;
      const release: Release = {
        rev: plan.rev,
        tail: false,
        round: [candidate],
        rota: plan.rota,
        nextTurnAt: LATER,
        idleUntil: null,
        at: now,
      };
      expect(await store.release(user, release)).toMatchObject([
        { kind: 'audit', turnId, release: before + 1, module: 'contacts', replaces: null },
      ]);
      expect(await store.release(user, release)).toBeNull();
      const rev = (await stateOf(store, user)).rev;
      expect(await store.release(user, { ...release, rev })).toBeNull();
      const inFlight = there(await store.snapshot('acme')).inFlight.find(({ kind }) => kind === 'audit');
      expect(inFlight).toMatchObject({ status: 'queued', release: before + 1 });
      expect(await store.reissue(there(inFlight))).toMatchObject({ release: before + 2 });
      expect(await store.reissue(there(inFlight))).toBeNull();
    });

    test('says when its next slice is due', async () => {
      const stage = await begin();
      const { store } = stage;
      const until = later(await store.now(), 60_000);
      await store.auditEvent(await running(stage), { type: 'postpone', until });
      const { nextDueAt, candidates } = there(await store.snapshot('acme'));
      expect(candidates).toEqual([]);
      expect(there(nextDueAt) <= until).toBe(true);
    });

    test('that died is counted, and fails with its last death; a new run is due later', async () => {
      const stage = await begin({ maxExpiries: 1 });
      const { store } = stage;
      await running(stage);
      const out = there((await store.snapshot('acme'))?.inFlight.find(({ turnId }) => turnId === ID));
      expect(await store.reissue(out)).toBeNull();
      const failed = await auditOf(stage);
      expect(failed).toMatchObject({ status: 'failed', run: null, lastError: { kind: 'crashed' } });
      expect(failed.dueAt > (await store.now())).toBe(true);
      expect(await store.failedTurns(null, 10)).toMatchObject([
        { kind: 'audit', turnId: ID, module: 'contacts' },
      ]);
    });

    test('moves on once, whoever read it before', async () => {
      const stage = await begin();
      const { store } = stage;
      const audit = await running(stage);
      const run = await runOf(stage);
      const slice = { type: 'slice', run, at: await store.now() } as const;
      expect(await store.auditEvent(audit, slice)).toMatchObject({ status: 'idle', run: { afterId: 7 } });
      expect(await store.auditEvent(audit, slice)).toBeNull();
      expect(await auditOf(stage)).toMatchObject({ status: 'idle', run: { afterId: 7, gone: [3] } });
      const fail = { type: 'fail', error: ERROR, retryAt: LATER, healAt: LATER, final: false } as const;
      expect(await store.auditEvent(await auditOf(stage), fail)).toBeNull();
    });

    test('of an ended life is nobody’s, and the next life has one of its own', async () => {
      const stage = await begin();
      const { store, user, endLife, addUser } = stage;
      const audit = await running(stage);
      await endLife(user);
      expect(await store.audit(ID)).toBeNull();
      const again = await addUser('acme');
      const end = { type: 'slice', run: await runOf(stage), at: await store.now() } as const;
      expect(await store.auditEvent(audit, end)).toBeNull();
      expect(await auditOf(stage)).toMatchObject({ life: again.life, status: 'idle', run: null });
      expect((await auditOf(stage)).release).toBeGreaterThanOrEqual(audit.release);
    });
  });

  describe('a comparison of ids', () => {
    const all = { after: 0, upTo: null, goneMost: 10 };

    test('finds nothing where all are there with the same dates', async () => {
      const { store, user } = await mirrored();
      expect(await store.compareIds(user, 'contacts', all, DATES)).toEqual({
        mirrored: 3,
        missing: [],
        stale: [],
        gone: [],
        goneCount: 0,
      });
      expect(await store.compareIds(user, 'invoices', all, new Map())).toMatchObject({ mirrored: 0 });
    });

    test('tells missing, stale and gone apart', async () => {
      const { store, user } = await mirrored();
      const dates = new Map([
        [1, dateOf(1)],
        [2, dateOf(2) + 1_000],
        [3, dateOf(3)],
        [4, null],
      ]);
      expect(await store.compareIds(user, 'contacts', all, dates)).toEqual({
        mirrored: 3,
        missing: [3, 4],
        stale: [2],
        gone: [5],
        goneCount: 1,
      });
      expect(await store.compareIds(user, 'contacts', { ...all, goneMost: 0 }, dates)).toMatchObject({
        gone: [],
        goneCount: 1,
      });
    });

    test('looks at a range alone', async () => {
      const { store, user } = await mirrored();
      const range = (after: number, upTo: number | null) =>
        store.compareIds(user, 'contacts', { after, upTo, goneMost: 10 }, new Map());
      expect(await range(1, 2)).toMatchObject({ mirrored: 1, gone: [2] });
      expect(await range(2, null)).toMatchObject({ mirrored: 1, gone: [5] });
      expect(await range(5, null)).toMatchObject({ mirrored: 0, gone: [] });
    });
  });

  describe('a tombstone', () => {
    test('is made once, is no record any more, and is revived by a commit', async () => {
      const { store, user, lane } = await mirrored();
      const scope = scopeOf(user, lane);
      expect(await store.bury(scope, [2, 5, 9])).toBe(2);
      expect(await store.bury(scope, [2, 5, 9])).toBe(0);
      expect(await missing(store, user, RECORDS)).toEqual([2, 5]);
      const all = { after: 0, upTo: null, goneMost: 10 };
      expect(await store.compareIds(user, 'contacts', all, DATES)).toMatchObject({
        mirrored: 1,
        missing: [2, 5],
      });
      expect((await store.commitTail(scope, streamOf(RECORDS))).counts).toMatchObject({
        updated: 2,
        unchanged: 1,
      });
      expect(await missing(store, user, RECORDS)).toEqual([]);
    });

    test('is made by nobody who has lost the lane', async () => {
      const stage = await mirrored();
      const { store, user, lane, expire } = stage;
      await expire(lane);
      const successor = await take(store, turnOf(user, 'two'), 'contacts');
      await expect(store.bury(scopeOf(user, lane), [1])).rejects.toThrow(FencedOutError);
      await successor.giveBack(SUMMARY);
      await expect(store.bury(scopeOf(user, lane), [1])).rejects.toThrow(FencedOutError);
      expect(await missing(store, user, RECORDS)).toEqual([]);
    });
  });
}
