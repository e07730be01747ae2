import { startTick } from '@odoo-sync/queue';
import { createLogger, loadConfig, runMain } from '@odoo-sync/runtime';
import { openFleet } from '@odoo-sync/runtime/fleet';
import { cachedProbe, createRegistry, partsOf, startMonitor } from '@odoo-sync/runtime/monitor';
import { addFleetMetrics } from './fleetMetrics.js';
import { probeLedger, probeQueue } from './probes.js';
import { scaleOf } from './scale.js';
import { createSchedule } from './schedule.js';
import { createTickMetrics } from './tickMetrics.js';

await runMain('odoo-sync-scheduler', async ({ stopping, logTo, onClose }) => {
  const config = loadConfig(process.env, 'scheduler');
  const log = createLogger({ ...config.log, name: 'scheduler' });
  logTo(log);
  const registry = createRegistry();
  const monitor = await startMonitor({ ...config.metrics, registry, stopping, log });
  onClose('the monitor', () => monitor.close());
  const { store, connection, turns, jobQueue } = await openFleet(config, 'scheduler', { log, onClose });
  const dispatch = { store, jobQueue, settings: config.engine };
  const ticking = await startTick({
    connection,
    prefix: config.queue.prefix,
    everyMs: config.scheduler.intervalMs,
    log,
    tick: createSchedule(dispatch, config.scheduler.intervalMs, createTickMetrics(registry), log),
  });
  onClose('the tick', () => ticking.close());
  addFleetMetrics(registry, {
    ledger: cachedProbe({ what: 'the ledger', log, probe: () => probeLedger(store) }),
    queue: cachedProbe({ what: 'the queue', log, probe: () => probeQueue(connection, turns) }),
  });
  monitor.up({
    parts: partsOf({ store, connection }),
    pages: { '/scale': async () => scaleOf(await probeQueue(connection, turns)) },
  });
  log.info({ everyMs: config.scheduler.intervalMs, monitor: monitor.url }, 'ready');
});
