import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, guard, startMongo, startRedis } from '../../../packages/local-servers/dist/index.js';
import { KeyRing, loadConfig } from '../../../packages/runtime/dist/index.js';
import { openStore } from '../../../packages/store-mongo/dist/index.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMPANIES = 12;
/** Quick enough that a trial of minutes shows what takes hours else. */
const SETTINGS = {
  INITIAL_SYNC_RANGE_DAYS: '25',
  MAX_BATCH_ATTEMPTS: '1',
  RETRY_BACKOFF_MS: '200',
  TAIL_INTERVAL_MS: '2000',
  TAIL_QUIET_MS: '5000',
  SCHEDULER_INTERVAL_MS: '2000',
  REPAIR_MS: '2000',
  LEASE_MS: '5000',
  SHUTDOWN_GRACE_MS: '5000',
  API_PORT: '0',
};

const databaseOf = (name, seed) => ({
  name,
  seed,
  models: { 'res.partner': { count: 120, days: 20, activeDays: 20 } },
});

/** Starts a program and waits until it says that it is ready. Where the trial is killed, it goes with it, and the folder. */
async function startProgram(program, env, args = [], folder = '') {
  const child = spawn(process.execPath, [join(ROOT, program, 'dist/main.js'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('exit', guard(child.pid, folder));
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"ready"')) resolve(JSON.parse(line));
    });
  });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${program} ended at its start: ${code ?? signal}`);
  });
  ended.catch(() => {});
  return { child, ready: await Promise.race([ready, ended]) };
}

async function endProcess(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/**
 * Private servers, simulated companies that are connected, and the fleet's programs by name, each with a fixed port for
 * its metrics so that a restarted one is the same target.
 */
export async function startFleet(programs) {
  const folder = await mkdtemp(join(tmpdir(), 'odoo-sync-monitoring-'));
  const log = () => {};
  const [redis, mongo] = await Promise.all([startRedis({ log }), startMongo({ log })]);
  const [member] = mongo.members;
  const env = {
    ...SETTINGS,
    REDIS_URL: redis.url,
    MONGODB_URL: mongo.url,
    CREDENTIALS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
  const config = loadConfig(env);
  const store = await openStore({
    url: config.mongodbUrl,
    database: config.mongodbDatabase,
    settings: config.engine,
    sealer: new KeyRing(config.credentialsKeys),
    log: { info: log, warn: log },
  });
  const companies = Array.from({ length: COMPANIES }, (_, index) => `company-${index + 1}`);
  const spec = join(folder, 'simulator.json');
  await writeFile(spec, JSON.stringify({ databases: [...companies, 'broken'].map(databaseOf) }));
  const simulator = await startProgram('packages/simulator', {}, ['--spec', spec], folder);
  const { url } = simulator.ready;
  const control = async (verb, input) => {
    const answer = await fetch(`${url}/_sim/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    if (!answer.ok) throw new Error(`${verb}: ${await answer.text()}`);
  };
  const credentialsOf = (name) => ({ kind: 'apiKey', login: 'admin', secret: `key-${name}` });
  const addUser = (name) =>
    store.addUser({ userId: name, address: { url, db: name }, credentials: credentialsOf(name) });
  for (const name of companies) await addUser(name);

  const running = new Map();
  const ports = new Map();
  for (const name of Object.keys(programs)) ports.set(name, await freePort());
  const start = (...names) =>
    Promise.all(
      names.map(async (name) => {
        const own = { ...env, METRICS_PORT: String(ports.get(name)) };
        running.set(name, (await startProgram(`apps/${programs[name]}`, own)).child);
      }),
    );
  await start(...Object.keys(programs));
  return {
    redis,
    mongo: member,
    users: companies.length,
    targets: [...ports.values()].map((port) => `127.0.0.1:${port}`),
    addUser,
    start,
    end: (name, signal) => endProcess(running.get(name), signal),
    fault: (fault) => control('faults.add', fault),
    noFaults: () => control('faults.clear', {}),
    renew: (name) => store.setCredentials(name, credentialsOf(name)),
    async close() {
      await Promise.all([...running.values()].map((child) => endProcess(child, 'SIGTERM')));
      await endProcess(simulator.child, 'SIGTERM');
      await store.close();
      await Promise.all([redis.stop(), mongo.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
