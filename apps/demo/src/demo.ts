import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODULE_NAMES, SyncError, type User, type UserReport, untilOrStopped } from '@odoo-sync/core';
import { type CliConfig, createLogger, KeyRing, loadConfig } from '@odoo-sync/runtime';
import { SimulatorClient } from '@odoo-sync/simulator';
import { type MongoStore, openStore } from '@odoo-sync/store-mongo';
import { compareUsers } from './compareUsers.js';
import { demoDatabases } from './demoUsers.js';
import { emptyQueues, prepareEnvironment } from './environment.js';
import { Fleet } from './fleet.js';
import { moduleKey, openInFlightView } from './inFlight.js';
import { createProgressView } from './progress.js';
import { type DemoOptions, LOOK_MS, ourReports, type RunningDemo } from './runningDemo.js';
import { renderSummary } from './summary.js';

// Nothing is deleted.
const EDITS = { perSecond: 1, mix: { write: 90, create: 8, archive: 2, unlink: 0 } };

/**
 * The main job in one command: servers, an Odoo, the fleet, and a view of records arriving until the mirror is complete.
 * @returns the exit code: 0 when source and store were equal, or the user stopped it.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const closers: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'odoo-sync-demo-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const died = new AbortController();
  try {
    const env = await prepareEnvironment(options, closers);
    const config = loadConfig(env, 'cli');
    closers.push(() => emptyQueues(config));
    const store = await openDemoStore(config);
    closers.push(() => store.close());
    if (!options.real) await store.dropDatabase();
    const fleet = new Fleet(folder, (words) => died.abort(new Error(words)));
    closers.push(() => fleet.close());
    const simulator = options.real ? null : await startSimulator(fleet, folder);
    const users = options.real
      ? [await realUser(store, options.real)]
      : await simulatedUsers(store, simulator);
    const began = performance.now();
    const address = await startFleet(fleet, env);
    const client = simulator && new SimulatorClient(simulator.url);
    if (client) await client.call('editor.start', EDITS);
    const demo: RunningDemo = {
      options,
      store,
      config,
      users,
      client,
      began,
      stop: AbortSignal.any([options.stop, died.signal]),
    };
    const code = await follow(demo, address);
    if (died.signal.aborted) throw died.signal.reason;
    return code;
  } catch (error) {
    if (died.signal.aborted) throw died.signal.reason;
    if (options.stop.aborted) return 0;
    throw error;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

const openDemoStore = (config: CliConfig): Promise<MongoStore> =>
  openStore({
    url: config.mongodbUrl,
    database: config.mongodbDatabase,
    settings: config.engine,
    sealer: new KeyRing(config.credentialsKeys),
    log: createLogger({ level: 'silent', name: 'demo' }),
    appName: 'odoo-sync-demo',
  });

async function startSimulator(
  fleet: Fleet,
  folder: string,
): Promise<{ url: string; databases: readonly string[] }> {
  const spec = join(folder, 'simulator.json');
  await writeFile(spec, JSON.stringify({ databases: demoDatabases(new Date()) }));
  const { ready } = await fleet.start('simulator', 'packages/simulator', {}, ['--spec', spec]);
  return ready as unknown as { url: string; databases: readonly string[] };
}

async function simulatedUsers(
  store: MongoStore,
  simulator: { url: string; databases: readonly string[] } | null,
): Promise<readonly User[]> {
  const users: User[] = [];
  for (const db of simulator?.databases ?? []) {
    const credentials = { kind: 'apiKey' as const, login: 'admin', secret: `key-${db}` };
    users.push(await store.addUser({ userId: db, address: { url: simulator?.url ?? '', db }, credentials }));
  }
  return users;
}

/** The user of a real Odoo; one that an earlier demo left in a store of the caller's goes on under today's credentials. */
async function realUser(store: MongoStore, real: NonNullable<DemoOptions['real']>): Promise<User> {
  const { address, credentials } = real;
  const users = await store.users({ limit: 2 });
  const known = users.find((user) => user.userId === address.db);
  if (users.length > (known ? 1 : 0)) {
    throw new SyncError(
      'configuration',
      `the database of MONGODB_URL has users of its own, and the demo's fleet would run them too: name another database`,
    );
  }
  if (!known) return store.addUser({ userId: address.db, address, credentials });
  if (known.address.url !== address.url || known.address.db !== address.db) {
    throw new SyncError(
      'configuration',
      `this store has a user ${known.userKey} of ${known.address.url}: remove it, or name another database in MONGODB_URL`,
    );
  }
  await store.setCredentials(known, credentials);
  return known;
}

async function startFleet(fleet: Fleet, env: Readonly<Record<string, string>>): Promise<string> {
  const [, , , api] = await Promise.all([
    fleet.start('scheduler', 'apps/scheduler', env),
    fleet.start('worker-1', 'apps/worker', env),
    fleet.start('worker-2', 'apps/worker', env),
    fleet.start('api', 'apps/api', env),
  ]);
  return String(api?.ready.url);
}

async function follow(demo: RunningDemo, address: string): Promise<number> {
  const { options } = demo;
  options.write(`status ${address}/status   dashboard ${address}/dashboard   Bull Board ${address}/queues`);
  const view = createProgressView(options.terminal, options.write);
  const inFlight = await openInFlightView(demo.config);
  const seconds = new Map<string, number>();
  const reports = await untilOrStopped(demo.stop, LOOK_MS, async () => {
    const now = await ourReports(demo);
    const elapsedMs = performance.now() - demo.began;
    view.show(now, await inFlight.records(now), elapsedMs);
    noteSeconds(seconds, now, elapsedMs);
    return now.every(({ caughtUp }) => caughtUp) ? now : null;
  }).finally(() => {
    view.stop();
    return inFlight.close();
  });
  if (!reports) return 0;
  const elapsed = (performance.now() - demo.began) / 1_000;
  const records = reports.flatMap((one) => one.modules).reduce((sum, module) => sum + module.recordsRead, 0);
  options.write(
    `caught up after ${elapsed.toFixed(1)} s: ${records} records, ${Math.round(records / elapsed)} records/s`,
  );
  const rows = await compareUsers(demo, seconds);
  options.write(renderSummary(rows));
  const different = rows.filter(({ comparison }) => comparison.differences > 0);
  if (different.length === 0) options.write('source and mirror are equal');
  for (const { comparison } of different) options.write(`difference: ${comparison.example}`);
  if (options.once) return different.length === 0 ? 0 : 1;
  await demo.client?.call('editor.resume');
  options.write('Changes are followed now; Ctrl-C ends everything.');
  await showChanges(demo);
  return 0;
}

/** When each module was first seen complete. */
function noteSeconds(seconds: Map<string, number>, reports: readonly UserReport[], elapsedMs: number): void {
  for (const { user, modules } of reports) {
    for (const { module, windows } of modules) {
      const key = moduleKey(user.userKey, module);
      const complete = windows.total > 0 && windows.done === windows.total;
      if (complete && !seconds.has(key)) seconds.set(key, elapsedMs / 1_000);
    }
  }
}

async function showChanges({ store, stop, options }: RunningDemo): Promise<void> {
  for await (const change of store.watchMirror(MODULE_NAMES, stop)) {
    const at = change.writeDate instanceof Date ? change.writeDate : null;
    const after = at ? ` ${((Date.now() - at.getTime()) / 1_000).toFixed(1)} s after Odoo` : '';
    options.write(
      `${new Date().toISOString().slice(11, 19)} ${change.userId} ${change.module} ${change.odooId} ${change.kind}${after}: ${String(change.name).split('\n')[0]}`,
    );
  }
}
