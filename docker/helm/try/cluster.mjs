// What every trial needs of the cluster: kubectl and helm as they stand in PATH, and a toolbox pod that looks into the store.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const NAMESPACE = 'odoo-sync-try';
const STORES = 'odoo-sync-stores';
export const RELEASE = 'odoo-sync';
const IMAGE = process.env.ODOO_SYNC_IMAGE ?? 'odoo-sync:latest';
const CHART = fileURLToPath(new URL('../odoo-sync', import.meta.url));
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const run = promisify(execFile);
const MOST_OUTPUT = 64_000_000;

/** @returns what it printed. @throws with what it said on standard error. */
const command = async (file, args) => (await run(file, args, { maxBuffer: MOST_OUTPUT })).stdout.trim();
export const kubectl = (...args) => command('kubectl', ['-n', NAMESPACE, ...args]);
export const stores = (...args) => command('kubectl', ['-n', STORES, ...args]);
export const say = (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

/** Gives a text to a command's standard input. @returns what it printed. */
function feed(file, args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.on('close', (code) =>
      code === 0
        ? resolve(out.trim())
        : reject(new Error(`${file} ${args.join(' ')} ended with ${code}: ${err}${out}`)),
    );
    child.stdin.end(input);
  });
}

const apply = (namespace, manifest) =>
  feed('kubectl', ['-n', namespace, 'apply', '-f', '-'], JSON.stringify(manifest));

/** Waits for a condition. @returns the seconds it took. @throws when it isn't met in time. */
export async function until(what, limitSeconds, ask, everyMs = 500) {
  const began = performance.now();
  for (;;) {
    const answer = await ask().catch((error) => {
      if (performance.now() - began > limitSeconds * 1_000) throw error;
      return false;
    });
    const seconds = (performance.now() - began) / 1_000;
    if (answer) return seconds;
    if (seconds > limitSeconds) throw new Error(`not within ${limitSeconds} s: ${what}`);
    await after(everyMs);
  }
}

/** Companies of the simulator: contacts alone are dense, so that windows take their time. */
const companies = (count) =>
  Array.from({ length: count }, (_, n) => ({
    name: `tenant${n}`,
    seed: 100 + n,
    models: {
      'res.partner': { count: 600, activeDays: 40 },
      'sale.order': { count: 120, activeDays: 20 },
      'account.move': { count: 120, activeDays: 20 },
      'hr.employee': { count: 10 },
    },
  }));

/** The one that `helm test` connects. */
const HELM_TEST = {
  name: 'helmtest',
  seed: 7,
  models: { 'res.partner': { count: 400 }, 'sale.order': { count: 150 } },
};

const values = (more) => ({
  image: { repository: IMAGE.split(':')[0], tag: IMAGE.split(':')[1] },
  existingSecret: 'odoo-sync',
  api: { replicas: 1 },
  worker: { resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } } },
  scheduler: { resources: { requests: { cpu: '20m', memory: '96Mi' }, limits: { memory: '384Mi' } } },
  simulator: {
    enabled: true,
    spec: { databases: [...companies(60), HELM_TEST] },
    resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
  },
  scaling: { maxReplicas: 6, pollingInterval: 5, scaleInAfter: 30 },
  ...more,
});

/** Installs or upgrades the release, and waits until it is ready. */
export async function helm(more = {}, { wait = true } = {}) {
  const args = ['upgrade', '--install', RELEASE, CHART, '-n', NAMESPACE, '-f', '-', '--timeout', '300s'];
  await feed('helm', [...args, ...(wait ? ['--wait'] : [])], JSON.stringify(values(more)));
}

/** `helm test`: connects a simulated user and waits for its mirror. @returns what its pod said. */
export async function helmTest() {
  await command('helm', ['test', RELEASE, '-n', NAMESPACE, '--timeout', '300s']);
  return kubectl('logs', `${RELEASE}-test`);
}

/** Namespaces (the release's under Pod Security `restricted`), stores, the Secret, and the toolbox. */
export async function prepare() {
  for (const [name, labels] of [
    [NAMESPACE, { 'pod-security.kubernetes.io/enforce': 'restricted' }],
    [STORES, {}],
  ])
    await apply('default', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await stores('apply', '-f', here('stores.yaml'));
  await stores('rollout', 'status', 'deployment/redis', 'deployment/mongodb', '--timeout=180s');
  const data = {
    'redis-url': `redis://redis.${STORES}.svc.cluster.local:6379`,
    'mongodb-url': `mongodb://mongodb.${STORES}.svc.cluster.local:27017/odoo_sync?replicaSet=rs0`,
    'credentials-keys': `k1:${randomBytes(32).toString('base64')}`,
    'api-token': randomBytes(32).toString('hex'),
  };
  const known = await kubectl('get', 'secret', 'odoo-sync', '--ignore-not-found', '-o', 'name');
  if (!known) await secret(data);
  await toolbox();
}

export const secret = (stringData) =>
  apply(NAMESPACE, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'odoo-sync' }, stringData });

export async function secretValue(key) {
  const text = await kubectl('get', 'secret', 'odoo-sync', '-o', `jsonpath={.data.${key}}`);
  return Buffer.from(text, 'base64').toString();
}

/** A pod that outlives every trial, with the fleet's settings. */
export async function toolbox() {
  await kubectl('delete', 'pod', 'toolbox', '--ignore-not-found', '--wait', '--grace-period=1');
  const env = { REDIS_URL: 'redis-url', MONGODB_URL: 'mongodb-url', CREDENTIALS_KEYS: 'credentials-keys' };
  await apply(NAMESPACE, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'toolbox' },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'toolbox',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '86400'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          env: [
            { name: 'ODOO_ALLOW', value: 'public,private' },
            ...Object.entries(env).map(([name, key]) => ({
              name,
              valueFrom: { secretKeyRef: { name: 'odoo-sync', key } },
            })),
          ],
        },
      ],
    },
  });
  await kubectl('wait', 'pod/toolbox', '--for=condition=Ready', '--timeout=120s');
}

const PRELUDE = `
import { createRequire } from 'node:module';
const require = createRequire('/app/packages/store-mongo/package.json');
const { MongoClient } = require('mongodb');
const { openStore } = await import('/app/packages/store-mongo/dist/index.js');
const { KeyRing, loadConfig } = await import('/app/packages/runtime/dist/index.js');
const config = loadConfig(process.env);
const store = await openStore({ url: config.mongodbUrl, database: config.mongodbDatabase, settings: config.engine, sealer: new KeyRing(config.credentialsKeys), log: { info() {}, warn() {} } });
const client = await MongoClient.connect(config.mongodbUrl);
const db = client.db(config.mongodbDatabase);
const simulator = async (verb, input = {}) => (await fetch('http://${RELEASE}-simulator:8069/_sim/' + verb, { method: 'POST', body: JSON.stringify(input), headers: { 'Content-Type': 'application/json' } })).json();
`;

/** Runs the body of an async function in the toolbox, with the store, its database, and the verbs of the simulator. @returns what it returns. */
export async function inside(body, input = {}) {
  const code = `${PRELUDE}
const input = ${JSON.stringify(input)};
const result = await (async () => { ${body} })();
await client.close();
await store.close();
console.log(JSON.stringify(result ?? null));`;
  const printed = await feed(
    'kubectl',
    ['-n', NAMESPACE, 'exec', '-i', 'toolbox', '--', 'node', '--input-type=module', '-'],
    code,
  );
  return JSON.parse(printed.split('\n').at(-1));
}

/** Connects so many simulated users, all at once. */
export const connect = (count) =>
  inside(
    `for (let n = 0; n < input.count; n++) {
      const name = 'tenant' + n;
      await store.addUser({ userId: name, address: { url: input.url, db: name }, credentials: { kind: 'apiKey', login: 'admin', secret: 'key-' + name } });
    }`,
    { count, url: `http://${RELEASE}-simulator:8069` },
  );

/** Removes every user with all that belongs to it. */
export const forgetAll = () =>
  inside(`for (const { userKey } of await store.users({ limit: 1_000 })) {
    await store.beginRemoval(userKey);
    while (!(await store.purgeStep(userKey)).done);
  }`);

/** Every request to a simulated Odoo takes so long from now on. */
export const slow = (ms) =>
  inside(
    `await simulator('faults.clear');
     if (input.ms > 0) await simulator('faults.add', { kind: 'latency', ms: input.ms, times: 'always', match: {} });`,
    { ms },
  );

/** What the ledger says: windows left, attempts and expiries used so far, turns that committed, and the store's clock. */
export const ledger = () =>
  inside(`
    const [sums] = await db.collection('odoosyncbatches').aggregate([{ $group: { _id: null, attempts: { $sum: '$retries' },
      left: { $sum: { $cond: [{ $gt: ['$readStartedAt', null] }, 0, 1] } }, windows: { $sum: 1 }, failed: { $sum: { $cond: [{ $eq: ['$status', 'failed'] }, 1, 0] } } } }]).toArray();
    const turns = db.collection('odoosyncturns');
    return { ...sums, now: (await store.now()).getTime(), committed: await turns.countDocuments({ outcome: 'succeeded', kind: { $ne: 'tail' } }) };`);

/** The longest time between two windows that were committed after a moment of the store's clock, in seconds. */
export const longestPause = (moment) =>
  inside(
    `const ended = (await db.collection('odoosyncturns').find({ endedAt: { $gt: new Date(input.moment) }, outcome: 'succeeded', kind: { $ne: 'tail' } }).sort({ endedAt: 1 }).toArray()).map((turn) => turn.endedAt.getTime());
     return Math.max(...ended.map((at, n) => at - (ended[n - 1] ?? input.moment))) / 1_000;`,
    { moment },
  );

/** Waits for every mirror and compares all of it. @returns the differences, of so many records. */
export async function compareAll(limitSeconds = 600) {
  await slow(0);
  const text = await kubectl(
    'exec',
    'toolbox',
    '--',
    'sh',
    '-c',
    `odoo-sync compare --wait ${limitSeconds} --json || true`,
  );
  const rows = JSON.parse(text);
  const sum = (pick) => rows.reduce((total, row) => total + pick(row), 0);
  return {
    records: sum((row) => row.source),
    differences: sum((row) => row.differences),
  };
}

export const workers = async () =>
  Number(await kubectl('get', 'deployment', `${RELEASE}-worker`, '-o', 'jsonpath={.status.readyReplicas}')) ||
  0;

const results = [];

/** Runs a trial and keeps its row: what was done, the longest pause, attempts used, differences. One that fails leaves the others. */
export async function trial(name, work) {
  say(`== ${name}`);
  const row = { trial: name };
  results.push(row);
  try {
    Object.assign(row, await work());
    if (row.differences > 0 || row.attempts > 0) process.exitCode = 1;
  } catch (error) {
    row.error = error.message;
    process.exitCode = 1;
  }
  say(
    Object.entries(row)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', '),
  );
}

export const report = () => console.table(results);
