import { createJobQueue, openConnection, openQueue, TICK_QUEUE, TURNS_QUEUE } from '@odoo-sync/queue';
import { createLogger, listenFault, loadConfig, runMain } from '@odoo-sync/runtime';
import { cachedProbe, createRegistry, partsOf, startMonitor } from '@odoo-sync/runtime/monitor';
import { openStore } from '@odoo-sync/store-mongo';
import { closeServer } from './closeServer.js';
import { createServer } from './createServer.js';

/** Of a small fleet, as fresh as its users' own figures; of a large one, `cachedProbe` keeps them longer. */
const FIGURES_KEPT_MS = 1_000;
const FIGURES_WAIT_MS = 2_000;

await runMain('odoo-sync-api', async ({ stopping, logTo, onClose }) => {
  const config = loadConfig(process.env, 'api');
  const log = createLogger({ ...config.log, name: 'api' });
  logTo(log);
  const monitor = await startMonitor({ ...config.metrics, registry: createRegistry(), stopping, log });
  onClose('the monitor', () => monitor.close());
  const store = await openStore({
    url: config.mongodbUrl,
    database: config.mongodbDatabase,
    settings: config.engine,
    log,
    appName: 'odoo-sync-api',
  });
  onClose('the store', () => store.close());
  const connection = await openConnection(config.redisUrl, { role: 'api', log });
  onClose('the connection to Redis', () => connection.disconnect());
  const turns = openQueue(connection, config.queue.prefix, TURNS_QUEUE);
  onClose('the queue of turns', () => turns.close());
  const tick = openQueue(connection, config.queue.prefix, TICK_QUEUE);
  onClose('the queue of ticks', () => tick.close());

  const services = {
    store,
    connection,
    turns,
    tick,
    jobQueue: createJobQueue(turns, config.queue),
    settings: config.engine,
    figures: cachedProbe({
      what: 'the ledger',
      log,
      probe: () => store.fleetFigures(),
      keptMs: FIGURES_KEPT_MS,
      waitMs: FIGURES_WAIT_MS,
    }),
    log,
  };
  const server = await createServer(services, config.api.token);
  onClose('the HTTP server', () => closeServer(server));
  const { host, port } = config.api;
  const url = await server.listen({ host, port }).catch((cause: Error) => {
    throw listenFault({ what: 'the API', host, port, settings: 'API' }, cause);
  });
  monitor.up({ parts: partsOf(services) });
  log.info({ url, monitor: monitor.url }, 'ready');
});
