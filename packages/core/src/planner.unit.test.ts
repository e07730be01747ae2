import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MODULE_NAMES, type ModuleName } from './modules.js';
import { type PlanView, planTurns } from './planner.js';
import { later, storeTime } from './time.js';
import {
  type Candidate,
  FIRST_ROTA,
  type InFlightTurn,
  ROUND_KINDS,
  type Rota,
  type RoundKind,
} from './turns.js';

const NOW = storeTime(new Date('2026-03-29T10:00:00Z'));
const REPAIR_MS = 10_000;
const from = (ms: number) => later(NOW, ms);
const START = new Date('2026-01-01T00:00:00Z');
const day = (n: number) => new Date(START.getTime() + n * 86_400_000);

const candidate = (kind: RoundKind, module: ModuleName, n = 0): Candidate => ({
  kind,
  module,
  turnId: `${kind}.${module}.${n}`,
  release: 1,
  startTime: day(n),
});
const inFlight = (more: Partial<InFlightTurn> = {}): InFlightTurn => ({
  kind: 'backfill',
  userKey: 'acme',
  life: 'first',
  turnId: `out.${more.module ?? 'contacts'}`,
  release: 1,
  module: 'contacts',
  startTime: START,
  status: 'queued',
  readyAt: from(-1_000),
  attempts: 0,
  ...more,
});
const tailOut = (more: Partial<InFlightTurn> = {}): InFlightTurn =>
  inFlight({ kind: 'tail', turnId: 'tail-acme', module: null, startTime: null, ...more });

const NOT_DUE = { status: 'idle', dueAt: from(60_000), missed: [] } as const;
const DUE = { status: 'idle', dueAt: from(-1), missed: [] } as const;
const view = (more: Partial<PlanView> = {}): PlanView => ({
  now: NOW,
  userConcurrency: 1,
  tail: NOT_DUE,
  inFlight: [],
  candidates: [],
  nextDueAt: null,
  rota: FIRST_ROTA,
  tailEarlyMs: 2_000,
  repairMs: REPAIR_MS,
  ...more,
});
const docs = (turns: readonly { readonly turnId: string }[]) => turns.map(({ turnId }) => turnId);
const everyKind = (modules: readonly ModuleName[] = MODULE_NAMES, days = 1) =>
  ROUND_KINDS.flatMap((kind) =>
    Array.from({ length: days }, (_, n) => modules.map((module) => candidate(kind, module, n))).flat(),
  );

describe('what goes next', () => {
  test('a due tail goes first', () => {
    const plan = planTurns(view({ tail: DUE, candidates: everyKind() }));
    expect(plan).toMatchObject({ releaseTail: true, release: [], rota: { tailWasLast: true } });
  });

  test('but not twice in a row while something else waits', () => {
    const rota = { ...FIRST_ROTA, tailWasLast: true };
    const plan = planTurns(view({ tail: DUE, candidates: everyKind(), rota }));
    expect(plan.releaseTail).toBe(false);
    expect(plan.release).toHaveLength(1);
    expect(planTurns(view({ tail: DUE, rota })).releaseTail).toBe(true);
  });

  test('a tail that is queued and due is woken, not released again', () => {
    const tail = { status: 'queued', dueAt: from(-1), missed: [] } as const;
    const plan = planTurns(view({ tail, inFlight: [tailOut({ readyAt: tail.dueAt })] }));
    expect(plan.releaseTail).toBe(false);
    expect(docs(plan.wake)).toEqual(['tail-acme']);
  });

  test('a tail takes one place of several, and is woken once', () => {
    const tail = { status: 'queued', dueAt: from(-1), missed: [] } as const;
    const inFlightTail = [tailOut({ readyAt: tail.dueAt })];
    expect(docs(planTurns(view({ userConcurrency: 2, tail, inFlight: inFlightTail })).wake)).toEqual([
      'tail-acme',
    ]);
  });

  test('a due tail is released beside a window in backoff, which is not woken for it', () => {
    const plan = planTurns(view({ tail: DUE, inFlight: [inFlight({ readyAt: from(20_000) })] }));
    expect(plan).toMatchObject({ releaseTail: true, wake: [] });
  });

  test('after a tail, a ready turn goes before the next one, and the tail goes after it', () => {
    const some = view({
      tail: DUE,
      inFlight: [inFlight()],
      rota: { ...FIRST_ROTA, tailWasLast: true },
    });
    const plan = planTurns(some);
    expect(docs(plan.wake)).toEqual(['out.contacts']);
    expect(plan).toMatchObject({ releaseTail: false, rota: { tailWasLast: false } });
    expect(planTurns({ ...some, rota: plan.rota })).toMatchObject({ releaseTail: true, wake: [] });
  });

  test('a tail that must let another go first takes the place that is left', () => {
    const plan = planTurns(
      view({
        userConcurrency: 2,
        tail: DUE,
        candidates: [candidate('backfill', 'contacts')],
        rota: { ...FIRST_ROTA, tailWasLast: true },
      }),
    );
    expect(docs(plan.release)).toEqual(['backfill.contacts.0']);
    expect(plan.releaseTail).toBe(true);
  });

  test('a tail that runs, or is not due, is left alone and others go on', () => {
    const running = tailOut({ status: 'running' });
    const both = view({
      tail: { status: 'running', dueAt: from(-1), missed: [] },
      inFlight: [running],
    });
    expect(planTurns({ ...both, userConcurrency: 2 })).toMatchObject({ releaseTail: false, wake: [] });
    expect(planTurns({ ...both, candidates: everyKind() }).release).toEqual([]);
    expect(planTurns(view({ candidates: everyKind() })).release).toHaveLength(1);
  });

  test('a tail that is due in a moment goes before a window that would keep it waiting, and not before nothing', () => {
    const soon = { status: 'queued', dueAt: from(1_500), missed: [] } as const;
    const out = [tailOut({ readyAt: soon.dueAt })];
    const plan = planTurns(view({ tail: soon, inFlight: out, candidates: everyKind() }));
    expect(docs(plan.wake)).toEqual(['tail-acme']);
    expect(plan.release).toEqual([]);
    expect(planTurns(view({ tail: soon, inFlight: out })).wake).toEqual([]);
    const afterwards = { ...soon, dueAt: from(2_500) };
    expect(planTurns(view({ tail: afterwards, candidates: everyKind() })).release).toHaveLength(1);
  });

  test('a window in backoff holds neither place nor lane', () => {
    const backingOff = inFlight({ readyAt: from(20_000) });
    const plan = planTurns(view({ inFlight: [backingOff], candidates: [candidate('backfill', 'contacts')] }));
    expect(docs(plan.release)).toEqual(['backfill.contacts.0']);
    expect(plan.wake).toEqual([]);
  });

  test('a ready turn is woken before anything is released, the longest ready first', () => {
    const ready = [inFlight(), inFlight({ module: 'invoices', readyAt: from(-5_000) })];
    const plan = planTurns(view({ inFlight: ready, candidates: everyKind() }));
    expect(docs(plan.wake)).toEqual(['out.invoices']);
    expect(plan.release).toEqual([]);
  });

  test('the oldest window of a module goes first', () => {
    const candidates = [0, 1, 2].map((n) => candidate('backfill', 'contacts', n));
    expect(docs(planTurns(view({ candidates })).release)).toEqual(['backfill.contacts.0']);
  });

  test('more places mean more modules at once, never two turns in one lane', () => {
    const plan = planTurns(view({ userConcurrency: 8, candidates: everyKind(MODULE_NAMES, 2) }));
    expect(plan.release.map(({ module }) => module).sort()).toEqual([...MODULE_NAMES].sort());
  });
});

/** Plays a user whose every turn ends at once, and says what ran in which order. */
function playOut(rounds: number, more: Partial<PlanView>): readonly string[] {
  const ran: string[] = [];
  let rota: Rota = FIRST_ROTA;
  let candidates = [...(more.candidates ?? [])];
  for (let round = 0; round < rounds; round++) {
    const plan = planTurns(view({ ...more, candidates, rota }));
    rota = plan.rota;
    if (plan.releaseTail) ran.push('tail');
    ran.push(...docs(plan.release));
    candidates = candidates.filter(({ turnId }) => !docs(plan.release).includes(turnId));
  }
  return ran;
}

describe('fairness', () => {
  test('kinds go round, and the modules of each', () => {
    const ran = playOut(ROUND_KINDS.length * MODULE_NAMES.length, {
      candidates: everyKind(MODULE_NAMES, 6),
    });
    expect(ran.map((turnId) => turnId.split('.')[0])).toEqual(Array(4).fill(ROUND_KINDS).flat());
    for (const kind of ROUND_KINDS) {
      const modules = ran.filter((turnId) => turnId.startsWith(kind)).map((turnId) => turnId.split('.')[1]);
      expect(modules).toEqual(MODULE_NAMES);
    }
  });

  test('a tail that is always due takes every other turn, and no more', () => {
    const ran = playOut(20, { tail: DUE, candidates: everyKind(MODULE_NAMES, 6) });
    expect(ran.map((turnId) => turnId === 'tail')).toEqual(Array(10).fill([true, false]).flat());
  });

  test('no kind starves another, and no module of a kind the other modules', () => {
    const subset = fc.uniqueArray(
      fc.record({ kind: fc.constantFrom(...ROUND_KINDS), module: fc.constantFrom(...MODULE_NAMES) }),
      { minLength: 1, selector: ({ kind, module }) => `${kind}.${module}` },
    );
    fc.assert(
      fc.property(subset, fc.boolean(), (waiting, tailDue) => {
        const backlog = waiting.flatMap(({ kind, module }) =>
          Array.from({ length: 60 }, (_, n) => candidate(kind, module, n)),
        );
        const ran = playOut(50, { tail: tailDue ? DUE : NOT_DUE, candidates: backlog });
        const each = tailDue ? 2 : 1;
        for (const { kind, module } of waiting) {
          const ofKind = turnsOf(ran, `${kind}.`);
          const ofBoth = turnsOf(ran, `${kind}.${module}.`);
          expect(longestGap(ofKind, ran.length)).toBeLessThanOrEqual(ROUND_KINDS.length * each);
          expect(longestGap(ofBoth, ran.length)).toBeLessThanOrEqual(
            ROUND_KINDS.length * MODULE_NAMES.length * each,
          );
        }
      }),
    );
  });
});

const turnsOf = (ran: readonly string[], start: string): readonly number[] =>
  ran.flatMap((turnId, n) => (turnId.startsWith(start) ? [n] : []));

const longestGap = (turns: readonly number[], end: number): number =>
  Math.max(...[...turns, end].map((turn, n) => turn - (turns[n - 1] ?? -1)));

const moduleName = fc.constantFrom(...MODULE_NAMES);
const offset = fc.integer({ min: -100_000, max: 100_000 });
const anyView: fc.Arbitrary<PlanView> = fc
  .record({
    userConcurrency: fc.integer({ min: 1, max: 5 }),
    tailStatus: fc.constantFrom('idle', 'queued', 'running'),
    tailDueIn: offset,
    missed: fc.uniqueArray(moduleName),
    windows: fc.array(
      fc.record({ module: moduleName, status: fc.constantFrom('queued', 'running'), readyIn: offset }),
      { maxLength: 5 },
    ),
    candidates: fc.array(
      fc.record({ kind: fc.constantFrom(...ROUND_KINDS), module: moduleName, n: fc.nat(5) }),
      { maxLength: 20 },
    ),
    nextDueIn: fc.option(fc.nat(10_000_000)),
    tailWasLast: fc.boolean(),
    lastKind: fc.option(fc.constantFrom(...ROUND_KINDS)),
    lastModules: fc.dictionary(fc.constantFrom(...ROUND_KINDS), moduleName),
  })
  .map((some) => {
    const tail = {
      status: some.tailStatus,
      dueAt: from(some.tailDueIn),
      missed: some.missed,
    } as PlanView['tail'];
    const turns = some.windows.map(({ module, status, readyIn }, n) =>
      inFlight({
        turnId: `out.${n}`,
        module,
        status: status as InFlightTurn['status'],
        readyAt: storeTime(from(status === 'running' ? -Math.abs(readyIn) : readyIn)),
      }),
    );
    const out = tail.status === 'idle' ? [] : [tailOut({ status: tail.status, readyAt: tail.dueAt })];
    return view({
      userConcurrency: some.userConcurrency,
      tail,
      inFlight: [...out, ...turns],
      candidates: some.candidates.map(({ kind, module, n }) => candidate(kind, module, n)),
      nextDueAt: some.nextDueIn === null ? null : from(some.nextDueIn),
      rota: { tailWasLast: some.tailWasLast, kind: some.lastKind, modules: some.lastModules },
    });
  });

describe('a lane that the last tail found taken', () => {
  const missing = (more: Partial<PlanView['tail']> = {}): PlanView => {
    const tail = {
      status: 'queued',
      dueAt: from(4_000),
      missed: ['contacts'],
      ...more,
    } as const;
    return view({
      userConcurrency: 2,
      tail,
      inFlight: [tailOut({ readyAt: tail.dueAt })],
      candidates: [candidate('backfill', 'contacts', 0), candidate('backfill', 'invoices', 0)],
      rota: { ...FIRST_ROTA, tailWasLast: true },
    });
  };

  test("is the tail's as soon as it is free, before its time, and no window goes into it", () => {
    const plan = planTurns(missing());
    expect(docs(plan.wake)).toEqual(['tail-acme']);
    expect(plan.release.map(({ module }) => module)).toEqual(['invoices']);
  });

  test('stays with the window that has it', () => {
    const some = missing();
    const running = inFlight({ status: 'running' });
    const plan = planTurns({ ...some, inFlight: [...some.inFlight, running] });
    expect(plan.wake).toEqual([]);
    expect(plan.release.map(({ module }) => module)).toEqual(['invoices']);
  });

  test('is passed within an interval, a window and two tails, however short the windows are and however they fall', () => {
    const length = fc.integer({ min: 50, max: 20_000 });
    fc.assert(
      fc.property(
        length,
        fc.integer({ min: 20, max: 8_000 }),
        fc.integer({ min: 2, max: 4 }),
        (windowMs, tailMs, places) => {
          const passes = passesBeside({ windowMs, tailMs, places });
          expect(longestGap(passes, 300_000)).toBeLessThanOrEqual(12_000 + windowMs + 2 * tailMs);
        },
      ),
    );
  });
});

/** Passes of one module within five minutes whose windows are endless, each as long as the other, beside tails every ten seconds. */
function passesBeside({
  windowMs,
  tailMs,
  places,
}: {
  windowMs: number;
  tailMs: number;
  places: number;
}): readonly number[] {
  const passes: number[] = [];
  let at = 0;
  let rota = FIRST_ROTA;
  let window: number | null = null;
  let tail: { end: number; passes: boolean } | null = null;
  let last = { startedAt: 0, passedAt: -10_000, dueAt: 0, missed: [] as ModuleName[] };
  while (at < 300_000) {
    if (window !== null && window <= at) window = null;
    if (tail && tail.end <= at) {
      if (tail.passes) passes.push(at);
      last = {
        ...last,
        passedAt: tail.passes ? last.startedAt : last.passedAt,
        dueAt: Math.max(last.startedAt + 10_000, at),
        missed: tail.passes ? [] : ['contacts'],
      };
      tail = null;
    }
    const status = tail ? 'running' : 'queued';
    const plan = planTurns(
      view({
        userConcurrency: places,
        tail: {
          status,
          dueAt: from(last.dueAt - at),
          missed: at - last.passedAt >= 8_000 ? last.missed : [],
        },
        inFlight: [
          tailOut({ status, readyAt: from(last.dueAt - at) }),
          ...(window === null ? [] : [inFlight({ status: 'running' })]),
        ],
        // What holds the lane keeps a window's job asleep.
        candidates: tail?.passes ? [] : [candidate('backfill', 'contacts', 0)],
        rota,
      }),
    );
    ({ rota } = plan);
    // The worst order: a window that is released together with a tail takes its lane first.
    if (plan.release.length > 0) window = at + windowMs;
    if (plan.wake.length > 0) {
      tail = { end: at + tailMs, passes: window === null };
      last = { ...last, startedAt: at };
    }
    const next = [window, tail?.end ?? null, tail ? null : last.dueAt].filter(
      (time) => time !== null && time > at,
    );
    at = Math.min(...(next as number[]), at + 10_000);
  }
  return passes;
}

describe('whatever the view', () => {
  const runs = { numRuns: 500 };
  const missesFree = ({ tail, inFlight: out }: PlanView): boolean => {
    const busy = new Set(out.flatMap(({ status, module }) => (status === 'running' ? [module] : [])));
    return tail.status !== 'running' && tail.missed.some((module) => !busy.has(module));
  };

  test('no more turns are put to work than there are places', () => {
    fc.assert(
      fc.property(anyView, (some) => {
        const { wake, release, releaseTail } = planTurns(some);
        const running = some.inFlight.filter(({ status }) => status === 'running').length;
        const begun = wake.length + release.length + (releaseTail ? 1 : 0);
        expect(begun).toBeLessThanOrEqual(Math.max(0, some.userConcurrency - running));
      }),
      runs,
    );
  });

  test('nothing is released into a lane where a turn runs, is ready, or was just released', () => {
    fc.assert(
      fc.property(anyView, (some) => {
        const { release } = planTurns(some);
        const taken = some.inFlight
          .filter(({ status, readyAt }) => status === 'running' || readyAt <= NOW)
          .map(({ module }) => module);
        const lanes = [...release.map(({ module }) => module)];
        expect(new Set(lanes).size).toBe(lanes.length);
        expect(lanes.filter((module) => taken.includes(module))).toEqual([]);
      }),
      runs,
    );
  });

  test('only what is ready is woken, and only what waits is released', () => {
    fc.assert(
      fc.property(anyView, (some) => {
        const { wake, release, releaseTail } = planTurns(some);
        const mayTail = missesFree(some) || some.tail.dueAt <= from(some.tailEarlyMs);
        for (const turn of wake)
          expect(turn.status === 'queued' && (turn.kind === 'tail' ? mayTail : turn.readyAt <= NOW)).toBe(
            true,
          );
        for (const turn of release) expect(some.candidates).toContain(turn);
        if (releaseTail) expect(some.tail).toMatchObject({ status: 'idle' });
        if (releaseTail) expect(mayTail).toBe(true);
      }),
      runs,
    );
  });

  test('no place stays empty while something could fill it', () => {
    fc.assert(
      fc.property(anyView, (some) => {
        const { wake, release, releaseTail } = planTurns(some);
        const running = some.inFlight.filter(({ status }) => status === 'running');
        const begun = wake.length + release.length + (releaseTail ? 1 : 0);
        if (running.length + begun >= some.userConcurrency) return;
        const busy = new Set<ModuleName | null>([...running, ...wake, ...release].map((turn) => turn.module));
        // What the tail missed is kept free for it.
        if (missesFree(some) || some.tail.status === 'running')
          for (const module of some.tail.missed) busy.add(module);
        expect(some.candidates.filter(({ module }) => !busy.has(module))).toEqual([]);
        const ready = some.inFlight.filter((turn) => turn.status === 'queued' && turn.readyAt <= NOW);
        expect(ready.filter((turn) => !wake.includes(turn))).toEqual([]);
      }),
      runs,
    );
  });

  test('the next look is a real time, now or later, and soon enough for whatever is out or due', () => {
    fc.assert(
      fc.property(anyView, (some) => {
        const plan = planTurns(some);
        const next = plan.nextTurnAt.getTime();
        expect(Number.isFinite(next)).toBe(true);
        expect(next).toBeGreaterThanOrEqual(NOW.getTime());
        for (const { status, readyAt } of some.inFlight) {
          const waited = status === 'queued' ? Math.min(NOW.getTime() - readyAt.getTime(), 300_000) : 0;
          const within = Math.max(REPAIR_MS, waited);
          expect(next).toBeLessThanOrEqual(Math.max(readyAt.getTime(), NOW.getTime()) + within);
        }
        if (plan.release.length > 0 || plan.releaseTail)
          expect(next).toBeLessThanOrEqual(NOW.getTime() + REPAIR_MS);
        if (some.nextDueAt) expect(next).toBeLessThanOrEqual(some.nextDueAt.getTime());
        if (some.tail.status === 'idle' && !plan.releaseTail)
          expect(next).toBeLessThanOrEqual(Math.max(some.tail.dueAt.getTime(), NOW.getTime() + 1));
      }),
      runs,
    );
  });
});

test('a job is looked for after its time, then ever more seldom, and no more seldom than every five minutes', () => {
  const lookAfter = (waitedMs: number) => {
    const readyAt = from(-waitedMs);
    const some = view({
      tail: { status: 'queued', dueAt: readyAt, missed: [] },
      inFlight: [tailOut({ readyAt: readyAt })],
    });
    return planTurns(some).nextTurnAt.getTime() - NOW.getTime();
  };
  expect([-5_000, 0, 2_000, 60_000, 1_000_000].map(lookAfter)).toEqual([
    5_000 + REPAIR_MS,
    REPAIR_MS,
    REPAIR_MS,
    60_000,
    300_000,
  ]);
});

test('a user of whom nothing is known is looked at again soon', () => {
  const nothing = view({ tail: { status: 'running', dueAt: NOW, missed: [] } });
  expect(planTurns(nothing).nextTurnAt).toEqual(from(REPAIR_MS));
});
