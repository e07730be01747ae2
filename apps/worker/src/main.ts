import { createAloneGate, type Engine, runTurn } from '@odoo-sync/engine';
import { createOdooSource } from '@odoo-sync/odoo';
import { createTurnWorker } from '@odoo-sync/queue';
import { createLogger, loadConfig, runMain } from '@odoo-sync/runtime';
import { openFleet } from '@odoo-sync/runtime/fleet';
import { createRegistry, partsOf, startMonitor } from '@odoo-sync/runtime/monitor';
import { checkMemory } from './checkMemory.js';
import { checkSpoolDir } from './checkSpoolDir.js';
import { createWorkerMetrics, showSlots } from './createWorkerMetrics.js';
import { createSourcePool } from './sourcePool.js';
import { DiskSpool } from './spool.js';

await runMain('odoo-sync-worker', async ({ stopping, logTo, onClose }) => {
  const config = loadConfig(process.env, 'worker');
  const log = createLogger({ ...config.log, name: 'worker' });
  logTo(log);
  checkMemory({ memoryBytes: config.spool.memoryBytes, concurrency: config.worker.concurrency });
  await checkSpoolDir(config.spool.directory);
  const registry = createRegistry();
  const monitor = await startMonitor({ ...config.metrics, registry, stopping, log });
  onClose('the monitor', () => monitor.close());
  const { store, connection, jobQueue } = await openFleet(config, 'worker', { log, onClose });
  await store.checkKeyRing();
  const metrics = createWorkerMetrics(registry);
  const { timeoutMs: requestTimeoutMs, ...reading } = config.source;
  const aheadMs = (await store.now()).getTime() - Date.now();
  const sources = createSourcePool(
    createOdooSource({
      ...reading,
      requestTimeoutMs,
      readers: config.worker.concurrency,
      clockMaxSkewMs: config.engine.clockMaxSkewMs,
      now: () => Date.now() + aheadMs,
      log,
      onRequest: metrics.requested,
    }),
    store.credentials,
  );
  onClose('the sessions with Odoo', () => sources.close());

  const engine: Engine = {
    store,
    jobQueue,
    settings: config.engine,
    sources,
    gate: createAloneGate(),
    openSpool: () => new DiskSpool(config.spool),
    limits: config.worker.limits,
    apiCallDelayMs: config.source.apiCallDelayMs,
    metrics,
    log,
  };
  const worker = createTurnWorker({
    connection,
    prefix: config.queue.prefix,
    concurrency: config.worker.concurrency,
    leaseMs: config.engine.leaseMs,
    log,
    process: (turn, handle) => runTurn(engine, turn, handle),
  });
  onClose('the running turns', () => worker.stop(config.worker.graceMs));
  showSlots(registry, config.worker.concurrency, () => worker.running());
  monitor.up({ parts: partsOf({ store, connection }) });
  log.info({ concurrency: config.worker.concurrency, monitor: monitor.url }, 'ready');
});
