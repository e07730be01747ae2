import { beforeEach, describe, expect, test } from '@jest/globals';
import { ERROR_KINDS, type FleetFigures } from '@odoo-sync/core';
import type { QueueFigures } from '@odoo-sync/queue';
import { Registry } from '@odoo-sync/runtime/monitor';
import { addFleetMetrics } from './fleetMetrics.js';

const LEDGER: FleetFigures = {
  users: { active: 4, needs_attention: 1, removing: 0 },
  freshnessSeconds: [
    { value: 4, users: 2 },
    { value: 700, users: 1 },
  ],
  proofAgeSeconds: [
    { value: 3_600, users: 3 },
    { value: 200_000, users: 1 },
  ],
  windowsLeft: [
    { value: 0, users: 3 },
    { value: 90, users: 1 },
  ],
  failedBatches: { transient: 2, crashed: 1 },
  openResyncs: 4,
  failedResyncs: 1,
  documents: 500,
  breakersOpen: 2,
  unavailableModules: { employees: 3 },
  inTrouble: ['locked'],
};
const QUEUE: QueueFigures = {
  waiting: 5,
  active: 2,
  delayed: 9,
  due: 1,
  failed: 3,
  completed: 100,
  oldestWaitingSeconds: 7.5,
};

let registry: Registry;
let ledger: FleetFigures | null;
let queue: QueueFigures | null;

beforeEach(() => {
  registry = new Registry();
  [ledger, queue] = [LEDGER, QUEUE];
  addFleetMetrics(registry, { ledger: async () => ledger, queue: async () => queue });
});

const scrape = async () => (await registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line));
const seriesOf = async (name: string) =>
  (await scrape()).filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));

describe('the metrics of the fleet', () => {
  test('show every state, also those that nobody is in', async () => {
    expect(await seriesOf('odoo_sync_users')).toEqual([
      '{state="active"} 4',
      '{state="needs_attention"} 1',
      '{state="removing"} 0',
    ]);
    const failed = await seriesOf('odoo_sync_failed_batches');
    expect(failed).toHaveLength(ERROR_KINDS.length + 1);
    expect(failed).toEqual(
      expect.arrayContaining(['{error="transient"} 2', '{error="crashed"} 1', '{error="credentials"} 0']),
    );
    expect(await seriesOf('odoo_sync_unavailable_modules')).toEqual([
      '{module="saleOrders"} 0',
      '{module="invoices"} 0',
      '{module="contacts"} 0',
      '{module="employees"} 3',
    ]);
    expect(await seriesOf('odoo_sync_queue_jobs')).toEqual([
      '{state="waiting"} 5',
      '{state="active"} 2',
      '{state="delayed"} 9',
      '{state="due"} 1',
      '{state="failed"} 3',
      '{state="completed"} 100',
    ]);
    expect(await seriesOf('odoo_sync_failed_resyncs')).toEqual([' 1']);
    expect(await seriesOf('odoo_sync_breakers_open')).toEqual([' 2']);
    expect(await seriesOf('odoo_sync_queue_oldest_waiting_seconds')).toEqual([' 7.5']);
  });

  test('show a distribution of the users as they are now, however often they are asked for', async () => {
    await scrape();
    const freshness = await seriesOf('odoo_sync_user_freshness_seconds');
    expect(freshness).toEqual(
      expect.arrayContaining([
        '_bucket{le="5"} 2',
        '_bucket{le="600"} 2',
        '_bucket{le="1800"} 3',
        '_count 3',
        '_sum 708',
      ]),
    );
    expect(await seriesOf('odoo_sync_user_backfill_windows_left')).toEqual(
      expect.arrayContaining(['_bucket{le="0"} 3', '_bucket{le="30"} 3', '_bucket{le="100"} 4', '_count 4']),
    );
    ledger = { ...LEDGER, freshnessSeconds: [{ value: 30, users: 1 }] };
    expect(await seriesOf('odoo_sync_user_freshness_seconds')).toEqual(
      expect.arrayContaining(['_bucket{le="5"} 0', '_bucket{le="30"} 1', '_count 1', '_sum 30']),
    );
  });

  test('are gone while the ledger can not be looked at, those of the queue stay, and all are back afterwards', async () => {
    const before = await scrape();
    const ofQueue = before.filter((line) => line.startsWith('odoo_sync_queue_'));
    ledger = null;
    expect(await scrape()).toEqual(ofQueue);
    ledger = LEDGER;
    queue = null;
    expect(await scrape()).toEqual(before.filter((line) => !ofQueue.includes(line)));
    queue = QUEUE;
    expect(await scrape()).toEqual(before);
  });

  test('show nothing where nothing was seen yet', async () => {
    [ledger, queue] = [null, null];
    expect(await scrape()).toEqual([]);
  });
});
