import { expect, test } from '@jest/globals';
import {
  DEFAULT_SETTINGS,
  type DispatchStore,
  type InFlightTurn,
  type JobState,
  type PlanSnapshot,
  type ReleasedTurn,
  storeTime,
  type TurnJob,
} from '@odoo-sync/core';
import { repairTurns } from './repair.js';

const NOW = new Date('2026-03-29T10:00:00Z');
const OVERDUE = new Date(NOW.getTime() - DEFAULT_SETTINGS.repairMs);

const turn = (more: Partial<InFlightTurn> = {}): InFlightTurn => ({
  kind: 'backfill',
  userKey: 'acme',
  life: 'first',
  turnId: 'acme.contacts.2026-03-28',
  release: 3,
  module: 'contacts',
  startTime: new Date('2026-03-28T00:00:00Z'),
  status: 'queued',
  readyAt: storeTime(OVERDUE),
  attempts: 1,
  ...more,
});
const tail = (more: Partial<InFlightTurn> = {}) =>
  turn({ kind: 'tail', turnId: 'tail-acme', module: null, startTime: null, attempts: 0, ...more });

/** Repairs one turn whose job the queue has in a state, and tells what it did. */
async function repair(one: InFlightTurn, state: JobState, leased: readonly string[] = []) {
  const added: TurnJob[] = [];
  const reissued: number[] = [];
  const again = async (release: number): Promise<ReleasedTurn> => {
    reissued.push(release);
    return { ...one, release: release + 1, delayMs: 0, replaces: null };
  };
  const store = {
    reissue: (out: InFlightTurn) => again(out.release),
    tailReissue: (_: string, release: number) => again(release),
  } as unknown as DispatchStore;
  const jobQueue = {
    add: async (job: TurnJob) => void added.push(job),
    state: async () => state,
    wake: async () => {},
    remove: async () => {},
  };
  const snapshot = { now: NOW, inFlight: [one], leased } as unknown as PlanSnapshot;
  const changed = await repairTurns({ store, jobQueue, settings: DEFAULT_SETTINGS }, snapshot);
  return {
    changed,
    reissued,
    added: added.map(({ turnId, release, attempts }) => [turnId, release, attempts]),
  };
}
const NOTHING = { changed: false, reissued: [], added: [] };

test('a lost job is put again under its number, with the attempts that are left', async () => {
  const added = [['acme.contacts.2026-03-28', 3, 3]];
  expect(await repair(turn(), 'absent')).toEqual({ ...NOTHING, added });
  expect(await repair(tail(), 'absent')).toEqual({ ...NOTHING, added: [['tail-acme', 3, 1]] });
});

test.each(['completed', 'failed'] as const)('a job that is %s untold gets a new number', async (state) => {
  const added = [['acme.contacts.2026-03-28', 4, 3]];
  expect(await repair(turn(), state)).toEqual({ changed: true, reissued: [3], added });
  expect(await repair(tail(), state)).toEqual({ changed: true, reissued: [3], added: [['tail-acme', 4, 1]] });
});

test.each(['waiting', 'delayed', 'active'] as const)('a job that is %s is left alone', async (state) => {
  expect(await repair(turn(), state)).toEqual(NOTHING);
  expect(await repair(turn({ status: 'running' }), state)).toEqual(NOTHING);
});

test('a turn that runs under a live lease is left alone, whatever the queue has lost', async () => {
  const running = turn({ status: 'running' });
  for (const state of ['absent', 'completed', 'failed'] as const)
    expect(await repair(running, state, [running.turnId])).toEqual(NOTHING);
  expect((await repair(running, 'absent', ['another'])).added).toHaveLength(1);
});

test('a turn that has not been out for long, or is in backoff, is left alone', async () => {
  expect(await repair(turn({ readyAt: storeTime(new Date(OVERDUE.getTime() + 1)) }), 'absent')).toEqual(
    NOTHING,
  );
  expect(await repair(turn({ readyAt: storeTime(new Date(NOW.getTime() + 80_000)) }), 'absent')).toEqual(
    NOTHING,
  );
});

test('a job always has an attempt, though the ledger counted all of them', async () => {
  expect((await repair(turn({ attempts: 4 }), 'absent')).added).toEqual([['acme.contacts.2026-03-28', 3, 1]]);
});
