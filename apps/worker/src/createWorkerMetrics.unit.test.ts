import { describe, expect, test } from '@jest/globals';
import { Registry } from '@odoo-sync/runtime/monitor';
import { createWorkerMetrics, showSlots } from './createWorkerMetrics.js';

const linesOf = async (registry: Registry, start: string) =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(start));

describe("a worker's metrics", () => {
  test('begin at zero for everything that can be named, so that a first failure is a rise', async () => {
    const registry = new Registry();
    createWorkerMetrics(registry);
    const turns = await linesOf(registry, 'odoo_sync_turns_total{');
    expect(turns).toHaveLength(5 * 4 * 6);
    expect(turns.every((line) => line.endsWith(' 0'))).toBe(true);
    expect(await linesOf(registry, 'odoo_sync_records_total{')).toHaveLength(4 * 3);
    expect(await linesOf(registry, 'odoo_sync_refused_commits_total')).toEqual([
      'odoo_sync_refused_commits_total 0',
    ]);
  });

  test('count what a commit changed under the words of the mirror', async () => {
    const registry = new Registry();
    const metrics = createWorkerMetrics(registry);
    metrics.committed('seal', 'invoices', { read: 9, inserted: 4, updated: 3, unchanged: 2 }, 0.04);
    expect(await linesOf(registry, 'odoo_sync_records_total{module="invoices"')).toEqual([
      'odoo_sync_records_total{module="invoices",change="inserted"} 4',
      'odoo_sync_records_total{module="invoices",change="replaced"} 3',
      'odoo_sync_records_total{module="invoices",change="unchanged"} 2',
    ]);
    expect(await linesOf(registry, 'odoo_sync_commit_duration_seconds_sum')).toEqual([
      'odoo_sync_commit_duration_seconds_sum{kind="seal"} 0.04',
    ]);
  });

  test('show how many slots are taken when they are asked', async () => {
    const registry = new Registry();
    let busy = 1;
    showSlots(registry, 4, () => busy);
    expect(await linesOf(registry, 'odoo_sync_worker_')).toEqual([
      'odoo_sync_worker_slots 4',
      'odoo_sync_worker_busy_slots 1',
    ]);
    busy = 3;
    expect(await linesOf(registry, 'odoo_sync_worker_busy')).toEqual(['odoo_sync_worker_busy_slots 3']);
  });
});
