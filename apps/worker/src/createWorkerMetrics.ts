import { MODULE_NAMES, TURN_KIND_NAMES, type TurnEnd } from '@odoo-sync/core';
import type { TurnMetrics } from '@odoo-sync/engine';
import type { OdooRequest } from '@odoo-sync/odoo';
import { Counter, Gauge, Histogram, type Registry, releasedTurns } from '@odoo-sync/runtime/monitor';

/** Counted as `succeeded`: the window was read, and will be once more. */
const LABELS: Readonly<Record<TurnEnd, string>> = {
  succeeded: 'succeeded',
  open: 'succeeded',
  failed: 'failed',
  retried: 'retried',
  handedBack: 'handed_back',
  withdrawn: 'withdrawn',
  noop: 'noop',
};
const DIFFERENCES = ['missing', 'stale', 'gone', 'content'] as const;
const CHANGES = ['inserted', 'replaced', 'unchanged'] as const;

/** Up to half an hour: a window of a million records. */
const WINDOW_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
/** Up to `ODOO_TIMEOUT_MS`. */
const REQUEST_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const COMMIT_SECONDS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What a worker counts. */
export interface WorkerMetrics extends TurnMetrics {
  requested(request: OdooRequest): void;
}

/** The worker's metrics, counted in a registry. Every series that is known to come is there from the start, at zero. */
export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const turns = new Counter({
    name: 'odoo_sync_turns_total',
    help: 'Turns that ended, by how; a tail counts once for each module that it passes.',
    labelNames: ['kind', 'module', 'outcome'],
    registers,
  });
  const windows = new Histogram({
    name: 'odoo_sync_window_duration_seconds',
    help: 'Windows that were read, and slices of audits, from the moment that the lane was taken to the end.',
    labelNames: ['kind', 'module'],
    buckets: WINDOW_SECONDS,
    registers,
  });
  const pages = new Counter({
    name: 'odoo_sync_pages_total',
    help: 'Pages that Odoo answered.',
    labelNames: ['module'],
    registers,
  });
  const requests = new Histogram({
    name: 'odoo_sync_odoo_request_duration_seconds',
    help: 'Questions to Odoo, by how they ended: ok, the kind of the error, or ended by the worker itself.',
    labelNames: ['transport', 'outcome'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const commits = new Histogram({
    name: 'odoo_sync_commit_duration_seconds',
    help: 'Commits of what was read.',
    labelNames: ['kind'],
    buckets: COMMIT_SECONDS,
    registers,
  });
  const records = new Counter({
    name: 'odoo_sync_records_total',
    help: 'Records that were committed, by what that changed in the mirror.',
    labelNames: ['module', 'change'],
    registers,
  });
  const differences = new Counter({
    name: 'odoo_sync_audit_differences_total',
    help: 'Differences between mirror and Odoo that audits found.',
    labelNames: ['module', 'difference'],
    registers,
  });
  const healed = new Counter({
    name: 'odoo_sync_audit_healed_total',
    help: 'Records that audits wrote: what was missing or stale, and tombstones.',
    labelNames: ['module'],
    registers,
  });
  const refused = new Counter({
    name: 'odoo_sync_refused_commits_total',
    help: 'Commits that the fence refused because another turn had taken the lane.',
    registers,
  });
  const expired = new Counter({
    name: 'odoo_sync_expired_leases_total',
    help: 'Lanes that were taken from a holder whose lease had expired without an outcome.',
    registers,
  });
  const released = releasedTurns(registry);
  for (const module of MODULE_NAMES) {
    pages.inc({ module }, 0);
    healed.inc({ module }, 0);
    for (const difference of DIFFERENCES) differences.inc({ module, difference }, 0);
    for (const change of CHANGES) records.inc({ module, change }, 0);
    for (const kind of TURN_KIND_NAMES)
      for (const outcome of Object.values(LABELS)) turns.inc({ kind, module, outcome }, 0);
  }
  return {
    turnEnded: (kind, module, end) => turns.inc({ kind, module, outcome: LABELS[end] }),
    turnTook: (kind, module, seconds) => windows.observe({ kind, module }, seconds),
    pageRead: (module) => pages.inc({ module }),
    audited(module, { found, healed: written }) {
      for (const difference of DIFFERENCES) differences.inc({ module, difference }, found[difference]);
      healed.inc({ module }, written);
    },
    requested: ({ transport, outcome, seconds }) => requests.observe({ transport, outcome }, seconds),
    committed(kind, module, { inserted, updated, unchanged }, seconds) {
      commits.observe({ kind }, seconds);
      records.inc({ module, change: 'inserted' }, inserted);
      records.inc({ module, change: 'replaced' }, updated);
      records.inc({ module, change: 'unchanged' }, unchanged);
    },
    commitRefused: () => refused.inc(),
    leaseExpired: () => expired.inc(),
    released: (count) => released.inc(count),
  };
}

/** How many turns this worker can run at once, and how many it runs now. */
export function showSlots(registry: Registry, slots: number, busy: () => number): void {
  const registers = [registry];
  const all = new Gauge({
    name: 'odoo_sync_worker_slots',
    help: 'Turns that this worker can run at once.',
    registers,
  });
  all.set(slots);
  new Gauge({
    name: 'odoo_sync_worker_busy_slots',
    help: 'Turns that this worker runs now.',
    registers,
    collect() {
      this.set(busy());
    },
  });
}
