import { createJobQueue, openConnection, openQueue, startTick } from '@odoo-sync/queue';
import { createLogger, loadConfig, runMain } from '@odoo-sync/runtime';
import { cachedProbe, createRegistry, partsOf, startMonitor } from '@odoo-sync/runtime/monitor';
import { openStore } from '@odoo-sync/store-mongo';
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
  const store = await openStore({
    url: config.mongodbUrl,
    database: config.mongodbDatabase,
    settings: config.engine,
    log,
    appName: 'odoo-sync-scheduler',
  });
  onClose('the store', () => store.close());
  const connection = await openConnection(config.redisUrl, { role: 'worker' });
  onClose('the connection to Redis', () => connection.disconnect());
  const queue = openQueue(connection, config.queue.prefix);
  onClose('the queue', () => queue.close());
  const dispatch = { store, jobQueue: createJobQueue(queue, config.queue), settings: config.engine };
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
    queue: cachedProbe({ what: 'the queue', log, probe: () => probeQueue(connection, queue) }),
  });
  monitor.up({
    parts: partsOf({ store, connection }),
    pages: { '/scale': async () => scaleOf(await probeQueue(connection, queue)) },
  });
  log.info({ everyMs: config.scheduler.intervalMs, monitor: monitor.url }, 'ready');
});
