import { ERROR_KINDS, type FleetFigures, MODULE_NAMES, type Share } from '@odoo-sync/core';
import type { QueueFigures } from '@odoo-sync/queue';
import { Gauge, Histogram, type Registry } from '@odoo-sync/runtime/monitor';

const FRESHNESS_SECONDS = [5, 10, 20, 30, 60, 90, 120, 300, 600, 1_800, 3_600, 21_600, 86_400];
const PROOF_AGE_SECONDS = [3_600, 21_600, 43_200, 86_400, 90_000, 129_600, 172_800, 604_800];
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
  gauge(
    registry,
    ledger,
    { name: 'odoo_sync_users', help: 'Users by their standing.', label: 'state' },
    ({ users }) => users,
  );
  histogram(
    registry,
    ledger,
    {
      name: 'odoo_sync_user_freshness_seconds',
      help: 'Active users now, by the time since the last good tail pass of their slowest available module.',
      buckets: FRESHNESS_SECONDS,
    },
    ({ freshnessSeconds }) => freshnessSeconds,
  );
  histogram(
    registry,
    ledger,
    {
      name: 'odoo_sync_user_proof_age_seconds',
      help: "Active users now, by the age of the oldest of their modules' last audits; without those who had none yet.",
      buckets: PROOF_AGE_SECONDS,
    },
    ({ proofAgeSeconds }) => proofAgeSeconds,
  );
  histogram(
    registry,
    ledger,
    {
      name: 'odoo_sync_user_backfill_windows_left',
      help: 'Active users now, by the windows that were never read yet; without those for whom none were made yet.',
      buckets: WINDOWS_LEFT,
    },
    ({ windowsLeft }) => windowsLeft,
  );
  gauge(
    registry,
    ledger,
    {
      name: 'odoo_sync_failed_batches',
      help: 'Windows that have used up their attempts, by the kind of the last error.',
      label: 'error',
    },
    ({ failedBatches }) => ({ ...zeros(FAILURES), ...failedBatches }),
  );
  gauge(
    registry,
    ledger,
    { name: 'odoo_sync_failed_resyncs', help: 'Resyncs of which a window has used up its attempts.' },
    ({ failedResyncs }) => failedResyncs,
  );
  gauge(
    registry,
    ledger,
    {
      name: 'odoo_sync_breakers_open',
      help: 'Odoo databases that are left alone because they could not be reached.',
    },
    ({ breakersOpen }) => breakersOpen,
  );
  gauge(
    registry,
    ledger,
    {
      name: 'odoo_sync_unavailable_modules',
      help: 'Active users who can not read a module.',
      label: 'module',
    },
    ({ unavailableModules }) => ({ ...zeros(MODULE_NAMES), ...unavailableModules }),
  );
  gauge(
    registry,
    queue,
    {
      name: 'odoo_sync_queue_jobs',
      help: 'Jobs of turns by their state; due: of the delayed ones, those whose time has come.',
      label: 'state',
    },
    (figures) => Object.fromEntries(QUEUE_STATES.map((state) => [state, figures[state]])),
  );
  gauge(
    registry,
    queue,
    {
      name: 'odoo_sync_queue_oldest_waiting_seconds',
      help: 'How long the next job has waited at most; 0 when none waits.',
    },
    ({ oldestWaitingSeconds }) => oldestWaitingSeconds,
  );
}

const zeros = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, 0]));

/** A gauge of one number, or of one for each value of a label. */
function gauge<F>(
  registry: Registry,
  probe: () => Promise<F | null>,
  { name, help, label }: { readonly name: string; readonly help: string; readonly label?: string },
  valuesOf: (figures: F) => number | Readonly<Record<string, number>>,
): void {
  new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    async collect() {
      const figures = await probe();
      this.reset();
      // A reset leaves a gauge without labels at zero.
      if (label === undefined) this.remove();
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
  probe: () => Promise<F | null>,
  { name, help, buckets }: { readonly name: string; readonly help: string; readonly buckets: number[] },
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
