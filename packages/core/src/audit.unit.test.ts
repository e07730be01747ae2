import { describe, expect, test } from '@jest/globals';
import {
  AUDIT_STATUSES,
  AUDIT_TRANSITIONS,
  type Audit,
  type AuditEvent,
  type AuditResult,
  type AuditRun,
  type AuditStatus,
  applyAuditEvent,
  auditAllows,
  auditIdOf,
  auditPlace,
  NO_DIFFERENCES,
  newAudit,
} from './audit.js';
import type { Cliff } from './cliff.js';
import type { ErrorRecord } from './errors.js';
import { odooTime, storeTime } from './time.js';

const LIMITS = { maxAttempts: 4, maxExpiries: 4 };
const at = storeTime(new Date('2026-03-29T10:00:00Z'));
const later = storeTime(new Date('2026-03-29T11:00:00Z'));
const error: ErrorRecord = { kind: 'transient', message: 'connection reset', at };
const USER = { userKey: 'acme', life: 'first' };

const RUN: AuditRun = {
  asOf: odooTime(at),
  startedAt: at,
  phase: 'compare',
  share: 0,
  schema: 'v1',
  afterId: 10,
  records: 10,
  mirrored: 11,
  found: { ...NO_DIFFERENCES, gone: 1 },
  healed: 0,
  unreadable: [],
  gone: [4],
};
const RESULT: AuditResult = {
  asOf: RUN.asOf,
  endedAt: at,
  contentAsOf: null,
  records: 10,
  found: NO_DIFFERENCES,
  healed: 0,
  open: 0,
  unreadable: [],
};
const CLIFF: Cliff = { reason: 'share', gone: 3, of: 10, company: null, seenAt: at };

const audit = (more: Partial<Audit> = {}): Audit => ({
  ...newAudit(USER, 'contacts', 3, at),
  run: RUN,
  ...more,
});

const FAIL = { type: 'fail', error, retryAt: later, healAt: later, final: false } as const;
const EVENTS: readonly AuditEvent[] = [
  { type: 'release', at },
  { type: 'reissue', at },
  { type: 'start' },
  { type: 'slice', run: { ...RUN, afterId: 20 }, at },
  { type: 'end', run: RUN, result: RESULT, shares: [], dueAt: later },
  { type: 'stop', run: { ...RUN, phase: 'bury' }, cliff: CLIFF },
  { type: 'postpone', until: later },
  FAIL,
  { ...FAIL, final: true },
  { type: 'handBack', until: later, error },
  { type: 'expire', at, healAt: later },
  { type: 'withdraw', error, until: later },
  { type: 'ask', at, deep: true },
  { type: 'accept', at },
];
const ALLOWED: Readonly<Record<AuditStatus, readonly AuditEvent['type'][]>> = {
  idle: ['release', 'ask'],
  queued: ['start', 'reissue', 'withdraw', 'ask'],
  running: ['slice', 'end', 'stop', 'postpone', 'fail', 'handBack', 'expire', 'withdraw', 'ask'],
  stopped: ['ask', 'accept'],
  failed: ['release', 'ask'],
};

describe.each(AUDIT_STATUSES)('an audit that is %s', (status) => {
  test.each(EVENTS)('$type: is refused, or leads only to where the table says', (event) => {
    for (const used of [0, 3]) {
      const before = audit({ status, attempts: used, expiries: used });
      const next = applyAuditEvent(before, event, LIMITS);
      const allowed = ALLOWED[status].includes(event.type);
      expect(auditAllows(before, event.type)).toBe(allowed);
      if (allowed) expect(AUDIT_TRANSITIONS[event.type].to as readonly AuditStatus[]).toContain(next?.status);
      else expect(next).toBeUndefined();
      const raised = event.type === 'release' || event.type === 'reissue' ? 1 : 0;
      if (next) expect(next.release).toBe(3 + raised);
    }
  });
});

function after(more: Partial<Audit>, ...events: readonly AuditEvent[]): Audit {
  let now = audit(more);
  for (const event of events) {
    const next = applyAuditEvent(now, event, LIMITS);
    if (!next) throw new Error(`${event.type} was refused at ${now.status}`);
    now = next;
  }
  return now;
}

describe('a run', () => {
  test('goes on where its last slice ended, with fresh attempts', () => {
    const slice = { type: 'slice', run: { ...RUN, afterId: 20 }, at: later } as const;
    expect(after({ status: 'running', attempts: 2, expiries: 1 }, slice)).toMatchObject({
      status: 'idle',
      dueAt: later,
      run: { afterId: 20 },
      attempts: 0,
      expiries: 0,
    });
  });

  test('that fails, by attempts or deaths, is given up: the next one begins anew', () => {
    const again = [FAIL, { type: 'start' }] as const;
    const failed = after({ status: 'running' }, ...again, ...again, ...again, FAIL);
    expect(failed).toMatchObject({ status: 'failed', run: null, dueAt: later, lastError: error });
    const death = [{ type: 'expire', at, healAt: later }, { type: 'start' }] as const;
    const crashed = after({ status: 'running' }, ...death, ...death, ...death, death[0]);
    expect(crashed).toMatchObject({ status: 'failed', run: null, lastError: { kind: 'crashed' } });
  });

  test('that stopped goes on with the burying where that is accepted, and anew where it is asked for', () => {
    const stopped = { status: 'stopped', cliff: CLIFF, run: { ...RUN, phase: 'bury' } } as const;
    expect(after(stopped, { type: 'accept', at: later })).toMatchObject({
      status: 'idle',
      cliff: null,
      dueAt: later,
      run: { phase: 'bury', gone: [4] },
    });
    expect(after(stopped, { type: 'ask', at: later, deep: false })).toMatchObject({
      status: 'idle',
      cliff: null,
      run: null,
    });
  });

  test('that ends keeps what it proved, and what an earlier one proved stays until then', () => {
    const ended = after(
      { status: 'running', cliff: null },
      {
        type: 'end',
        run: RUN,
        result: RESULT,
        shares: [odooTime(at)],
        dueAt: later,
      },
    );
    expect(ended).toMatchObject({ status: 'idle', run: null, result: RESULT, dueAt: later });
    const failing = { status: 'running', attempts: 3, result: RESULT } as const;
    expect(after(failing, FAIL).result).toEqual(RESULT);
  });

  test('of all records fills a module by its new schema when a run has read all', () => {
    const running = (more: Partial<Audit>, share: Partial<AuditRun>) => {
      const run = { ...RUN, schema: 'v2', ...share };
      // Where it is done in one slice, the ledger knows of no run before its end.
      const known = { status: 'running', run: null, ...more } as const;
      return after(known, { type: 'end', run, result: RESULT, shares: [], dueAt: later });
    };
    expect(running({ filledBy: null }, {}).filledBy).toBe('v2');
    expect(running({ filledBy: 'v1' }, { share: 0 }).filledBy).toBe('v1');
    expect(running({ filledBy: 'v1', deep: true }, { share: 0 })).toMatchObject({
      filledBy: 'v1',
      deep: true,
    });
    expect(running({ filledBy: 'v1', deep: true }, { share: 'all' })).toMatchObject({
      filledBy: 'v2',
      deep: false,
    });
  });
});

test('the audits of users and modules are spread over the interval', () => {
  const places = Array.from({ length: 1_000 }, (_, n) => auditPlace(`user-${n}`, 'contacts'));
  for (const place of places) expect(place >= 0 && place < 1).toBe(true);
  for (let tenth = 0; tenth < 10; tenth++) {
    const within = places.filter((place) => Math.floor(place * 10) === tenth).length;
    expect(within).toBeGreaterThan(50);
    expect(within).toBeLessThan(150);
  }
  expect(auditPlace('acme', 'contacts')).not.toBe(auditPlace('acme', 'invoices'));
});

test('the id of an audit is that of one lane alone', () => {
  expect(auditIdOf('a-b', 'contacts')).toBe('audit-a-b.contacts');
});
