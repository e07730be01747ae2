import { openQueue, TICK_QUEUE } from '@odoo-sync/queue';
import { createLogger, listenFault, loadConfig, runMain } from '@odoo-sync/runtime';
import { openFleet } from '@odoo-sync/runtime/fleet';
import { cachedProbe, createRegistry, partsOf, startMonitor } from '@odoo-sync/runtime/monitor';
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
  const fleet = await openFleet(config, 'api', { log, onClose });
  const { store } = fleet;
  const tick = openQueue(fleet.connection, config.queue.prefix, TICK_QUEUE);
  onClose('the queue of ticks', () => tick.close());

  const services = {
    ...fleet,
    tick,
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
