import { getHeapStatistics } from 'node:v8';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { versionOf } from '../version.js';

export { Counter, Gauge, Histogram, Registry };

/** Gauges whose names end like a counter's; each has one beside it without `_total` that says more. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The metrics of one process: its version, and Node's own (event loop, heap, CPU) to begin with. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const build = new Gauge({
    name: 'odoo_sync_build_info',
    help: 'Always 1; the label tells the version that runs.',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version: versionOf() }, 1);
  const heapLimit = new Gauge({
    name: 'odoo_sync_heap_limit_bytes',
    help: 'The heap at which the process runs out of memory.',
    registers: [registry],
  });
  heapLimit.set(getHeapStatistics().heap_size_limit);
  return registry;
}

/** Workers and schedulers hand out turns by the same function, and count them under the same name. */
export const releasedTurns = (registry: Registry): Counter =>
  new Counter({
    name: 'odoo_sync_released_turns_total',
    help: 'Turns that this process handed out.',
    registers: [registry],
  });
