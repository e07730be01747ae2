import { ERROR_KINDS, type FleetFigures, MODULE_NAMES, type Share } from '@odoo-sync/core';
import type { QueueFigures } from '@odoo-sync/queue';
import { Gauge, Histogram, type Registry } from '@odoo-sync/runtime/monitor';

const FRESHNESS_SECONDS = [5, 10, 20, 30, 60, 90, 120, 300, 600, 1_800, 3_600, 21_600, 86_400];
const WINDOWS_LEFT = [0, 1, 10, 30, 100, 365, 1_000, 3_650, 10_000];
const FAILURES = [...ERROR_KINDS, 'crashed'] as const;
const QUEUE_STATES = ['waiting', 'active', 'delayed', 'due', 'failed', 'completed'] as const;

/** What is looked at; null where that could not be done. Each gauge asks at every scrape. */
export interface Probes {
  readonly ledger: () => Promise<FleetFigures | null>;
  readonly queue: () => Promise<QueueFigures | null>;
}

/**
 * The metrics of the whole fleet, as ledger and queue show it. Each scheduler tells the same. Where a probe failed, its series
 * are gone from the scrape: an old figure would say that all is well.
 */
export function addFleetMetrics(registry: Registry, { ledger, queue }: Probes): void {
  gauge(registry, 'odoo_sync_users', 'Users by their standing.', 'state', ledger, ({ users }) => users);
  histogram(
    registry,
    'odoo_sync_user_freshness_seconds',
    'Active users now, by the time since the last good tail pass of their slowest available module.',
    FRESHNESS_SECONDS,
    ledger,
    ({ freshnessSeconds }) => freshnessSeconds,
  );
  histogram(
    registry,
    'odoo_sync_user_backfill_windows_left',
    'Active users now, by the windows that were never read yet; without those for whom none were made yet.',
    WINDOWS_LEFT,
    ledger,
    ({ windowsLeft }) => windowsLeft,
  );
  gauge(
    registry,
    'odoo_sync_failed_batches',
    'Windows that have used up their attempts, by the kind of the last error.',
    'error',
    ledger,
    ({ failedBatches }) => ({ ...zeros(FAILURES), ...failedBatches }),
  );
  gauge(
    registry,
    'odoo_sync_failed_resyncs',
    'Resyncs of which a window has used up its attempts.',
    null,
    ledger,
    ({ failedResyncs }) => failedResyncs,
  );
  gauge(
    registry,
    'odoo_sync_breakers_open',
    'Odoo databases that are left alone because they could not be reached.',
    null,
    ledger,
    ({ breakersOpen }) => breakersOpen,
  );
  gauge(
    registry,
    'odoo_sync_unavailable_modules',
    'Active users who can not read a module.',
    'module',
    ledger,
    ({ unavailableModules }) => ({ ...zeros(MODULE_NAMES), ...unavailableModules }),
  );
  gauge(
    registry,
    'odoo_sync_queue_jobs',
    'Jobs of turns by their state; due: of the delayed ones, those whose time has come.',
    'state',
    queue,
    (figures) => Object.fromEntries(QUEUE_STATES.map((state) => [state, figures[state]])),
  );
  gauge(
    registry,
    'odoo_sync_queue_oldest_waiting_seconds',
    'How long the next job has waited at most; 0 when none waits.',
    null,
    queue,
    ({ oldestWaitingSeconds }) => oldestWaitingSeconds,
  );
}

const zeros = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, 0]));

/** A gauge of one number, or of one for each value of a label. */
function gauge<F>(
  registry: Registry,
  name: string,
  help: string,
  label: string | null,
  probe: () => Promise<F | null>,
  valuesOf: (figures: F) => number | Readonly<Record<string, number>>,
): void {
  new Gauge({
    name,
    help,
    labelNames: label === null ? [] : [label],
    registers: [registry],
    async collect() {
      const figures = await probe();
      this.reset();
      // A reset leaves a gauge without labels at zero.
      if (label === null) this.remove();
      if (figures === null) return;
      const values = valuesOf(figures);
      if (typeof values === 'number') this.set(values);
      else for (const [value, count] of Object.entries(values)) this.set({ [label ?? '']: value }, count);
    },
  });
}

/** A distribution over the users, made anew of each probe. */
function histogram<F extends object>(
  registry: Registry,
  name: string,
  help: string,
  buckets: number[],
  probe: () => Promise<F | null>,
  sharesOf: (figures: F) => readonly Share[],
): void {
  let shown: F | null = null;
  new Histogram({
    name,
    help,
    buckets,
    registers: [registry],
    async collect() {
      const figures = await probe();
      if (figures !== null && figures === shown) return;
      shown = figures;
      this.reset();
      for (const { value, users } of figures ? sharesOf(figures) : [])
        for (let user = 0; user < users; user++) this.observe(value);
    },
  });
}
