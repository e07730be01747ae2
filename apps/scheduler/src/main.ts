import { createCourier, openConnection, openQueue, startTick } from '@odoo-sync/queue';
import { createLogger, KeyRing, loadConfig, runMain } from '@odoo-sync/runtime';
import { openStore } from '@odoo-sync/store-mongo';
import { createSchedule } from './schedule.js';

await runMain('odoo-sync-scheduler', async ({ logTo, onClose }) => {
  const config = loadConfig(process.env);
  const log = createLogger({ level: config.logLevel, name: 'scheduler' });
  logTo(log);
  const store = await openStore({
    url: config.mongodbUrl,
    database: config.mongodbDatabase,
    settings: config.engine,
    sealer: new KeyRing(config.credentialsKeys),
    log,
    appName: 'odoo-sync-scheduler',
  });
  onClose('the store', () => store.close());
  const connection = await openConnection(config.redisUrl, { role: 'worker' });
  onClose('the connection to Redis', () => connection.disconnect());
  const queue = openQueue(connection, config.queue.prefix);
  onClose('the queue', () => queue.close());
  const dispatch = { store, courier: createCourier(queue, config.queue), settings: config.engine };
  const ticking = await startTick({
    connection,
    prefix: config.queue.prefix,
    everyMs: config.scheduler.intervalMs,
    log,
    tick: createSchedule(dispatch, log),
  });
  onClose('the tick', () => ticking.close());
  log.info({ everyMs: config.scheduler.intervalMs }, 'ready');
});
