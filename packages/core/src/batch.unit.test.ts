import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allows,
  applyBatchEvent,
  BATCH_STATUSES,
  BATCH_TRANSITIONS,
  type Batch,
  type BatchEvent,
  type BatchStatus,
  emptyBatch,
  IllegalTransitionError,
  IN_FLIGHT,
  newBatch,
  type PassResult,
} from './batch.js';
import type { ErrorRecord } from './errors.js';
import { odooTime, storeTime } from './time.js';

const LIMITS = { maxAttempts: 4, maxExpiries: 4 };
const at = storeTime(new Date('2026-03-29T10:00:00Z'));
const later = storeTime(new Date('2026-03-29T10:00:20Z'));
const healAt = odooTime(new Date('2026-03-29T16:00:00Z'));
const start = new Date('2026-03-28T00:00:00Z');
const end = new Date('2026-03-29T00:00:00Z');
const error: ErrorRecord = { kind: 'transient', message: 'connection reset', at: at };

const pass = (seals: boolean): PassResult => ({
  readStartedAt: odooTime(at),
  seals,
  sealDueAt: odooTime(new Date('2026-03-29T00:15:02Z')),
  counts: { read: 7, inserted: 1, updated: 2, unchanged: 4 },
  unreadable: [],
  pages: 2,
  durationMs: 900,
});

const batch = (more: Partial<Batch> = {}): Batch => ({
  _id: 'acme.contacts.2026-03-28',
  userKey: 'acme',
  life: 'first',
  module: 'contacts',
  startTime: start,
  endTime: end,
  status: 'pending',
  release: 3,
  attempts: 0,
  expiries: 0,
  dueAt: odooTime(start),
  retryAt: null,
  queuedAt: null,
  readStartedAt: null,
  counts: null,
  unreadable: [],
  pages: 0,
  retries: 0,
  durationMs: 0,
  sealedBy: null,
  parts: 0,
  lastError: null,
  ...more,
});

const EVENTS: readonly BatchEvent[] = [
  { type: 'release', at: at },
  { type: 'start' },
  { type: 'commitPart' },
  { type: 'commit', pass: pass(true) },
  { type: 'commit', pass: pass(false) },
  { type: 'fail', error, retryAt: later, healAt: healAt },
  { type: 'handBack', until: null },
  { type: 'handBack', until: later, error },
  { type: 'expire', at: at, healAt: healAt },
  { type: 'reissue', at: at },
  { type: 'withdraw', error },
  { type: 'makeDue', at: odooTime(at) },
  { type: 'makeGood', pass: pass(true) },
  { type: 'makeGood', pass: pass(false) },
];
const after = (more: Partial<Batch>, ...events: readonly BatchEvent[]): Batch =>
  events.reduce((now, event) => applyBatchEvent(now, event, LIMITS), batch(more));
const event = (type: BatchEvent['type']): BatchEvent => {
  const found = EVENTS.find((one) => one.type === type);
  if (!found) throw new Error(`no ${type}`);
  return found;
};

/** Every (status, event) pair, said once more and in another order than the table's, so that a slip there is seen. */
const ALLOWED: Readonly<Record<BatchStatus, readonly BatchEvent['type'][]>> = {
  pending: ['release'],
  queued: ['start', 'reissue', 'withdraw'],
  running: ['commitPart', 'commit', 'fail', 'handBack', 'expire', 'withdraw'],
  committing: ['commitPart', 'commit', 'fail', 'handBack', 'expire', 'withdraw'],
  open: ['release', 'makeDue'],
  succeeded: [],
  failed: ['release', 'makeDue', 'makeGood'],
};

describe.each(BATCH_STATUSES)('a batch that is %s', (status) => {
  const variants = [0, 1, 2, 3].flatMap((used) =>
    [null, odooTime(at)].map((readStartedAt) => ({ status, attempts: used, expiries: used, readStartedAt })),
  );

  test.each(EVENTS)('$type: is refused, or leads only to where the table says', (happens) => {
    const { to } = BATCH_TRANSITIONS[happens.type];
    for (const more of variants) {
      if (ALLOWED[status].includes(happens.type)) {
        expect(allows(batch(more), happens.type)).toBe(true);
        const next = after(more, happens);
        expect(to as readonly BatchStatus[]).toContain(next.status);
        expect(next.release).toBeGreaterThanOrEqual(3);
      } else {
        expect(allows(batch(more), happens.type)).toBe(false);
        expect(() => after(more, happens)).toThrow(IllegalTransitionError);
        expect(() => after(more, happens)).toThrow(
          `acme.contacts.2026-03-28 is ${status}: "${happens.type}"`,
        );
      }
    }
  });
});

describe('a window that was just made', () => {
  const user = { userKey: 'acme', life: 'first' };

  test('waits for its turn, due from its own start on', () => {
    expect(newBatch(user, 'contacts', { start, end }, 3)).toEqual(batch());
  });

  test('is sealed already where a survey found it empty: it was read then, and held nothing', () => {
    expect(emptyBatch(user, 'contacts', { start, end }, odooTime(at), 3)).toEqual(
      batch({
        status: 'succeeded',
        readStartedAt: odooTime(at),
        counts: { read: 0, inserted: 0, updated: 0, unchanged: 0 },
        sealedBy: 'survey',
      }),
    );
  });
});

test('a refusal says by its name and its words that the status is another than the event needs', () => {
  expect(() => after({ status: 'open' }, event('commit'))).toThrow(
    expect.objectContaining({
      name: 'IllegalTransitionError',
      message: 'batch acme.contacts.2026-03-28 is open: "commit" needs running or committing',
    }),
  );
});

test('in flight is just what can be withdrawn: a release is out', () => {
  expect(BATCH_STATUSES.filter((status) => allows({ status }, 'withdraw'))).toEqual(IN_FLIGHT);
});

test('every status that the table names for an event can be reached by it', () => {
  const reached = new Map<string, Set<BatchStatus>>();
  for (const status of BATCH_STATUSES)
    for (const happens of EVENTS)
      for (const used of [0, 3])
        for (const readStartedAt of [null, odooTime(at)]) {
          const before = batch({ status, attempts: used, expiries: used, readStartedAt });
          if (!allows(before, happens.type)) continue;
          const next = applyBatchEvent(before, happens, LIMITS);
          reached.set(happens.type, (reached.get(happens.type) ?? new Set()).add(next.status));
        }
  for (const [type, { to }] of Object.entries(BATCH_TRANSITIONS))
    expect([...(reached.get(type) ?? [])].sort()).toEqual([...to].sort());
});

describe('release numbers', () => {
  test('only release and reissue raise the number, by one', () => {
    for (const status of BATCH_STATUSES)
      for (const happens of EVENTS) {
        if (!allows({ status }, happens.type)) continue;
        const raised = happens.type === 'release' || happens.type === 'reissue' ? 1 : 0;
        expect(after({ status }, happens).release).toBe(3 + raised);
      }
  });

  test('a release starts a new series of attempts; a reissue gets what is left', () => {
    const used = { attempts: 2, expiries: 1 };
    expect(after({ status: 'failed', ...used }, event('release'))).toMatchObject({
      attempts: 0,
      expiries: 0,
      retryAt: null,
      queuedAt: at,
    });
    expect(after({ status: 'queued', ...used }, event('reissue'))).toMatchObject({ ...used, queuedAt: at });
  });

  test('the number never falls and attempts never pass their limit, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 60, size: 'max' }), (events) => {
        let now = batch();
        for (const happens of events) {
          if (!allows(now, happens.type)) continue;
          const next = applyBatchEvent(now, happens, LIMITS);
          expect(next.release).toBeGreaterThanOrEqual(now.release);
          expect(next.attempts).toBeLessThanOrEqual(LIMITS.maxAttempts);
          expect(next.expiries).toBeLessThanOrEqual(LIMITS.maxExpiries);
          now = next;
        }
      }),
    );
  });
});

describe('attempts', () => {
  test('three failures back off, the fourth fails it and sets when it heals', () => {
    let now = batch({ status: 'queued', attempts: 0 });
    for (let attempts = 1; attempts <= 3; attempts++) {
      now = [event('start'), event('fail')].reduce((b, e) => applyBatchEvent(b, e, LIMITS), now);
      expect(now).toMatchObject({
        status: 'queued',
        attempts,
        retryAt: later,
        lastError: error,
        dueAt: start,
      });
    }
    now = [event('start'), event('fail')].reduce((b, e) => applyBatchEvent(b, e, LIMITS), now);
    expect(now).toMatchObject({ status: 'failed', attempts: 4, retries: 4, retryAt: null, dueAt: healAt });
  });

  test('a hand-back costs nothing, and waits as long as it is told', () => {
    const used = { status: 'running', attempts: 2, expiries: 1, lastError: null } as const;
    expect(after(used, { type: 'handBack', until: null })).toMatchObject({
      ...used,
      status: 'queued',
      retryAt: null,
    });
    expect(after(used, { type: 'handBack', until: later, error })).toMatchObject({
      attempts: 2,
      retryAt: later,
      lastError: error,
    });
  });

  test('one that no further attempt can mend fails at once', () => {
    const final = { ...event('fail'), final: true } as BatchEvent;
    expect(after({ status: 'running' }, final)).toMatchObject({
      status: 'failed',
      attempts: 1,
      dueAt: healAt,
      lastError: error,
    });
  });

  test('retries are counted over its whole life, across releases', () => {
    const failed = after({ status: 'running', attempts: 3, retries: 9 }, event('fail'));
    expect(after(failed, event('release'), event('start'), event('fail'))).toMatchObject({
      attempts: 1,
      retries: 11,
    });
  });
});

describe('expired leases', () => {
  test('three in a row come back at once without an attempt used; the fourth fails it as crashed', () => {
    let now = batch({ status: 'queued', attempts: 1 });
    for (let expiries = 1; expiries <= 3; expiries++) {
      now = [event('start'), event('expire')].reduce((b, e) => applyBatchEvent(b, e, LIMITS), now);
      expect(now).toMatchObject({ status: 'queued', attempts: 1, expiries, retryAt: null, lastError: null });
    }
    now = [event('start'), event('expire')].reduce((b, e) => applyBatchEvent(b, e, LIMITS), now);
    expect(now).toMatchObject({
      status: 'failed',
      expiries: 4,
      dueAt: healAt,
      lastError: { kind: 'crashed', at },
    });
    expect(now.lastError?.message).toContain('4 times in a row');
  });

  test('a failure or a pass that ended in between ends the row', () => {
    expect(after({ status: 'running', expiries: 3 }, event('fail')).expiries).toBe(0);
    expect(after({ status: 'running', expiries: 3 }, event('commit')).expiries).toBe(0);
  });

  test('neither a start, a hand-back, a part of a commit nor a new number does', () => {
    expect(after({ status: 'queued', expiries: 3 }, event('start')).expiries).toBe(3);
    expect(after({ status: 'running', expiries: 3 }, event('handBack')).expiries).toBe(3);
    expect(after({ status: 'running', expiries: 3 }, event('commitPart')).expiries).toBe(3);
    expect(after({ status: 'queued', expiries: 3 }, event('reissue')).expiries).toBe(3);
  });
});

describe('what a pass leaves', () => {
  test.each(['commit', 'makeGood'] as const)('%s seals, or leaves it open until its seal is due', (type) => {
    const status = type === 'commit' ? 'running' : 'failed';
    const before = { status, lastError: error, retryAt: later } as const;
    const { seals, sealDueAt, ...kept } = pass(true);
    expect(after(before, { type, pass: pass(true) })).toMatchObject({
      ...kept,
      status: 'succeeded',
      sealedBy: 'pass',
      lastError: null,
      retryAt: null,
    });
    expect(after(before, { type, pass: pass(false) })).toMatchObject({
      ...kept,
      status: 'open',
      sealedBy: null,
      dueAt: sealDueAt,
    });
  });

  test('a window that is withdrawn is due as before, and tells why it has to wait', () => {
    expect(after({ status: 'queued', retryAt: later }, event('withdraw'))).toMatchObject({
      dueAt: start,
      retryAt: null,
      lastError: error,
    });
  });

  test('parts of a commit are counted from its start', () => {
    const parts = after({ status: 'running', parts: 0 }, event('commitPart'), event('commitPart'));
    expect(parts).toMatchObject({ status: 'committing', parts: 2 });
    expect(after(parts, event('expire'), event('start')).parts).toBe(0);
  });

  test.each(['withdraw', 'makeDue'] as const)(
    '%s puts a window that was read back to open, else to pending',
    (type) => {
      const status = type === 'withdraw' ? 'running' : 'failed';
      expect(after({ status, readStartedAt: odooTime(at) }, event(type)).status).toBe('open');
      expect(after({ status, readStartedAt: null }, event(type)).status).toBe('pending');
    },
  );

  test('what was asked for is due then', () => {
    expect(after({ status: 'failed', dueAt: healAt }, event('makeDue')).dueAt).toEqual(at);
  });
});

test('what came in is not changed', () => {
  for (const status of BATCH_STATUSES)
    for (const happens of EVENTS) {
      const before = Object.freeze(batch({ status }));
      if (allows(before, happens.type)) applyBatchEvent(before, happens, LIMITS);
    }
});
