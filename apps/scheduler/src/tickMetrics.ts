import { Counter, Gauge, Histogram, type Registry, releasedTurns } from '@odoo-sync/runtime/monitor';

const TICK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What a scheduler counts of the ticks that it runs itself. Times in seconds. */
export interface TickMetrics {
  /** A tick that went through, though some users may have met faults. */
  ticked(tick: { readonly users: number; readonly released: number; readonly seconds: number }): void;
  /** One user's fault, or that of a whole tick. */
  failed(faults: number): void;
}

export function createTickMetrics(registry: Registry, now: () => number = Date.now): TickMetrics {
  const registers = [registry];
  const duration = new Histogram({
    name: 'odoo_sync_tick_duration_seconds',
    help: 'Ticks that this scheduler ran.',
    buckets: TICK_SECONDS,
    registers,
  });
  const due = new Gauge({
    name: 'odoo_sync_tick_due_users',
    help: 'Users that were due in the last tick that this scheduler ran.',
    registers,
  });
  const last = new Gauge({
    name: 'odoo_sync_last_tick_timestamp_seconds',
    help: 'End of the last tick that this scheduler ran without a fault of the whole of it.',
    registers,
  });
  const faults = new Counter({
    name: 'odoo_sync_tick_faults_total',
    help: 'Users for whom a tick could not do all that was due, and ticks that failed as a whole.',
    registers,
  });
  const released = releasedTurns(registry);
  // Another scheduler may run every tick: then there is none to tell of here.
  due.remove();
  last.remove();
  return {
    ticked(tick) {
      duration.observe(tick.seconds);
      due.set(tick.users);
      released.inc(tick.released);
      last.set(now() / 1_000);
    },
    failed: (count) => faults.inc(count),
  };
}
