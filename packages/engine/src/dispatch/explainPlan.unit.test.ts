import { describe, expect, test } from '@jest/globals';
import {
  DEFAULT_SETTINGS,
  type DispatchStore,
  type EngineSettings,
  firstSyncState,
  type InFlightTurn,
  jobIdOf,
  later,
  MODULE_NAMES,
  odooTime,
  type PlanSnapshot,
  type Release,
  ROUND_KINDS,
  type StoreTime,
  type SyncState,
  storeTime,
  type User,
} from '@odoo-sync/core';
import fc from 'fast-check';
import { advance } from './advance.js';
import { explainPlan } from './explainPlan.js';

const NOW = storeTime(new Date('2026-03-29T10:00:00Z'));
const from = (ms: number) => later(NOW, ms);
const DAY = new Date('2026-03-01T00:00:00Z');
const USER: User = {
  userKey: 'acme',
  life: 'first',
  userId: 'acme',
  address: { url: 'https://odoo.test', db: 'acme' },
  login: 'mirror',
  credentialKind: 'apiKey',
  credentialVersion: 1,
  connectedAt: NOW,
  rangeDays: 90,
  language: null,
  callDelayMs: null,
  standing: 'active',
  attention: null,
  databaseAcceptedAt: null,
};
const FIRST: SyncState = firstSyncState({ connectedAt: NOW, release: 0, tailIntervalMs: 10_000 });

const moduleName = fc.constantFrom(...MODULE_NAMES);
/** Not so long ago that a job is looked for. */
const offset = fc.integer({ min: -9_000, max: 100_000 });
const places = fc.integer({ min: 1, max: 5 });
const anySnapshot: fc.Arbitrary<PlanSnapshot> = fc
  .record({
    standing: fc.constantFrom('active' as const, 'needs_attention' as const, 'removing' as const),
    tail: fc.constantFrom('idle' as const, 'queued' as const, 'running' as const),
    tailDueIn: offset,
    missed: fc.uniqueArray(moduleName),
    passedAgo: fc.option(fc.nat(60_000)),
    holdFor: fc.option(fc.integer({ min: -10_000, max: 60_000 })),
    openFor: fc.option(fc.integer({ min: -10_000, max: 60_000 })),
    windows: fc.array(
      fc.record({
        module: moduleName,
        status: fc.constantFrom('queued' as const, 'running' as const),
        readyIn: offset,
      }),
      { maxLength: 5 },
    ),
    candidates: fc.uniqueArray(
      fc.record({ kind: fc.constantFrom(...ROUND_KINDS), module: moduleName, n: fc.nat(5) }),
      { maxLength: 20, selector: ({ kind, module, n }) => `${kind}.${module}.${n}` },
    ),
    nextDueIn: fc.nat(10_000_000),
    tailWasLast: fc.boolean(),
    kind: fc.option(fc.constantFrom(...ROUND_KINDS)),
    modules: fc.dictionary(fc.constantFrom(...ROUND_KINDS), moduleName),
  })
  .map((some): PlanSnapshot => {
    const { standing, missed, tailWasLast, kind, modules } = some;
    const tail = { ...FIRST.tail, status: some.tail, release: 1, dueAt: from(some.tailDueIn), missed };
    const lastPass = some.passedAgo === null ? null : odooTime(from(-some.passedAgo));
    const outage =
      some.openFor === null
        ? null
        : { faults: 3, since: storeTime(DAY), openUntil: from(some.openFor), pauseMs: 1 };
    const turn = { userKey: 'acme', life: 'first', release: 1, attempts: 0 };
    const tailTurn: InFlightTurn = {
      ...turn,
      ...{ kind: 'tail', turnId: 'tail-acme', module: null, startTime: null },
      status: some.tail === 'running' ? 'running' : 'queued',
      readyAt: tail.dueAt,
    };
    return {
      now: NOW,
      user: { ...USER, standing },
      plan: {
        ...FIRST,
        tail,
        rota: { tailWasLast, kind, modules },
        holdUntil: some.holdFor === null ? null : from(some.holdFor),
        outage,
        modules: Object.fromEntries(
          Object.entries(FIRST.modules).map(([name, state]) => [name, { ...state, lastPass }]),
        ) as SyncState['modules'],
      },
      inFlight: [
        ...(some.tail === 'idle' ? [] : [tailTurn]),
        ...some.windows.map(({ module, status, readyIn }, n) => ({
          ...turn,
          ...{ kind: 'backfill' as const, turnId: `out.${n}`, module, startTime: DAY, status },
          readyAt: from(readyIn),
        })),
      ],
      candidates:
        standing === 'active'
          ? some.candidates.map(({ kind: of, module, n }) => ({
              ...{ kind: of, module, turnId: `${of}.${module}.${n}`, release: 1 },
              startTime: new Date(DAY.getTime() + n * 86_400_000),
            }))
          : [],
      nextDueAt: standing === 'active' ? from(some.nextDueIn) : null,
      leased: [],
    };
  });

/** What `advance` does with a snapshot, by the jobs that it adds and wakes. */
async function advanced(snapshot: PlanSnapshot, settings: EngineSettings) {
  const released: string[] = [];
  const woken: string[] = [];
  let noted: Release | undefined;
  const store = {
    snapshot: async () => snapshot,
    release: async (user: User, release: Release) => {
      noted = release;
      const place = { userKey: user.userKey, life: user.life, delayMs: 0, replaces: null };
      const tail = { kind: 'tail' as const, turnId: 'tail-acme', release: 2, module: null, startTime: null };
      return [...(release.tail ? [tail] : []), ...release.round].map((turn) => ({ ...place, ...turn }));
    },
  } as unknown as DispatchStore;
  const jobQueue = {
    add: async (job: { readonly turnId: string }) => void released.push(job.turnId),
    wake: async (jobId: string) => void woken.push(jobId),
    state: async () => 'waiting' as const,
    remove: async () => {},
  };
  await advance({ store, jobQueue, settings }, 'acme', snapshot);
  return { released, woken, nextTurnAt: noted?.nextTurnAt ?? snapshot.plan.nextTurnAt };
}

const settingsOf = (userConcurrency: number): EngineSettings => ({ ...DEFAULT_SETTINGS, userConcurrency });
const next = (snapshot: PlanSnapshot, settings: EngineSettings, fate: string): readonly string[] =>
  explainPlan(snapshot, settings)
    .next.filter((turn) => turn.fate === fate)
    .map(({ turnId }) => turnId);

describe('what is told of any user', () => {
  test('is what a look hands out, in its order, and when it looks again', async () => {
    await fc.assert(
      fc.asyncProperty(anySnapshot, places, async (snapshot, userConcurrency) => {
        const settings = settingsOf(userConcurrency);
        const done = await advanced(snapshot, settings);
        expect(next(snapshot, settings, 'released')).toEqual(done.released);
        expect(next(snapshot, settings, 'woken').map((turnId) => jobIdOf(turnId, 1))).toEqual(done.woken);
        if (snapshot.user.standing !== 'removing')
          expect(explainPlan(snapshot, settings).nextTurnAt).toEqual(done.nextTurnAt);
      }),
    );
  });

  test('has a fate for every turn, and those that go are the next ones', () => {
    fc.assert(
      fc.property(anySnapshot, places, (snapshot, userConcurrency) => {
        const settings = settingsOf(userConcurrency);
        const { tail, inFlight, candidates } = explainPlan(snapshot, settings);
        const fates = new Map([['tail-acme', tail], ...inFlight, ...candidates]);
        const turns = new Set([
          'tail-acme',
          ...[...snapshot.inFlight, ...snapshot.candidates].map(({ turnId }) => turnId),
        ]);
        expect(new Set(fates.keys())).toEqual(turns);
        for (const type of ['released', 'woken']) {
          const going = [...fates].filter(([, fate]) => fate.type === type).map(([turnId]) => turnId);
          expect(new Set(going)).toEqual(new Set(next(snapshot, settings, type)));
        }
      }),
    );
  });

  test('names the true obstacle: with places for all nobody waits for one, and after its time nobody waits for that', () => {
    const reasons = (snapshot: PlanSnapshot, userConcurrency: number) => {
      const { tail, inFlight, candidates } = explainPlan(snapshot, settingsOf(userConcurrency));
      const fates = new Map([['tail-acme', tail], ...inFlight, ...candidates]);
      return new Map(
        [...fates].map(([turnId, fate]) => [turnId, fate.type === 'waits' ? fate.reason : null]),
      );
    };
    fc.assert(
      fc.property(anySnapshot, places, (snapshot, userConcurrency) => {
        for (const reason of reasons(snapshot, 100).values()) expect(reason?.type).not.toBe('noPlace');
        for (const [turnId, reason] of reasons(snapshot, userConcurrency)) {
          if (reason?.type !== 'notDue' && reason?.type !== 'held') continue;
          expect(reason.until.getTime()).toBeGreaterThan(NOW.getTime());
          const then = reasons({ ...snapshot, now: reason.until }, userConcurrency).get(turnId);
          expect(['notDue', 'held']).not.toContain(then?.type);
        }
      }),
    );
  });
});

const SNAPSHOT: PlanSnapshot = {
  now: NOW,
  user: USER,
  plan: { ...FIRST, tail: { ...FIRST.tail, dueAt: from(60_000) } },
  inFlight: [],
  candidates: [],
  nextDueAt: from(3_600_000),
  leased: [],
};

describe('a held user', () => {
  const holdUntil = from(30_000);
  const candidates = [
    { kind: 'seal' as const, module: 'contacts' as const, turnId: 'a', release: 1, startTime: DAY },
  ];

  test('waits for the end of the hold where that is later than its time', () => {
    const held = {
      ...SNAPSHOT,
      plan: { ...FIRST, holdUntil, tail: { ...FIRST.tail, dueAt: NOW } },
      candidates,
    };
    const { tail, candidates: fates, next: none, nextTurnAt } = explainPlan(held, DEFAULT_SETTINGS);
    const waits = { type: 'waits', reason: { type: 'held', until: holdUntil } };
    expect({ tail, fate: fates.get('a'), none }).toEqual({ tail: waits, fate: waits, none: [] });
    expect(nextTurnAt).toEqual(holdUntil);
  });

  test('waits for its own time where that is later', () => {
    const { tail } = explainPlan({ ...SNAPSHOT, plan: { ...SNAPSHOT.plan, holdUntil } }, DEFAULT_SETTINGS);
    expect(tail).toEqual({ type: 'waits', reason: { type: 'notDue', until: from(60_000) } });
  });
});

test('says which jobs are looked for first, and that windows are made first', () => {
  const { repairMs } = DEFAULT_SETTINGS;
  const turn = (turnId: string, readyAt: StoreTime): InFlightTurn => ({
    ...{ kind: 'backfill', userKey: 'acme', life: 'first', turnId, release: 1, module: 'contacts' },
    ...{ startTime: DAY, status: 'running', readyAt, attempts: 0 },
  });
  const late = from(-repairMs);
  const inFlight = [turn('late', late), turn('leased', late), turn('fresh', from(1 - repairMs))];
  const told = explainPlan({ ...SNAPSHOT, inFlight, leased: ['leased'] }, DEFAULT_SETTINGS);
  expect(told).toMatchObject({ overdue: ['late'], newWindows: false });
  const tiling = { range: 90, from: DAY, until: odooTime(NOW) };
  const modules = { ...FIRST.modules, contacts: { ...FIRST.modules.contacts, tiling } };
  const begun = { ...SNAPSHOT, plan: { ...SNAPSHOT.plan, modules } };
  expect(explainPlan(begun, DEFAULT_SETTINGS).newWindows).toBe(true);
});
