// The trials: what happens to a fleet in a cluster. Each begins and ends with a fleet that is ready.
import { setTimeout as after } from 'node:timers/promises';
import {
  compareAll,
  connect,
  forgetAll,
  helm,
  helmTest,
  inside,
  kubectl,
  ledger,
  longestPause,
  RELEASE,
  say,
  secret,
  secretValue,
  slow,
  stores,
  toolbox,
  until,
  workers,
} from './cluster.mjs';

const USERS = 60;
const FEW = 12;
const LATENCY_MS = 150;

/** A backfill of some users is under way. @returns the store's clock, once windows were committed. */
async function backfill() {
  await slow(LATENCY_MS);
  await forgetAll();
  await connect(FEW);
  await until('a backfill is under way', 120, async () => {
    const { committed, left } = await ledger();
    return committed > FEW * 2 && left > FEW * 4;
  });
  return ledger();
}

/** Does something in the middle of a backfill. @returns the longest time without a committed window, attempts used, differences. */
async function inTheMiddle(act) {
  const { now } = await backfill();
  const more = await act();
  const { records, differences } = await compareAll();
  const { attempts, failed } = await ledger();
  return {
    'longest pause': await longestPause(now),
    attempts: attempts + failed,
    records,
    differences,
    ...more,
  };
}

const podOf = async (component) =>
  (
    await kubectl(
      'get',
      'pod',
      '-l',
      `app.kubernetes.io/component=${component}`,
      '--field-selector=status.phase=Running',
      '-o',
      'jsonpath={.items[0].metadata.name}',
    )
  ).trim();

export const TRIALS = {
  async install() {
    const began = performance.now();
    await helm();
    await toolbox();
    await connect(1);
    const { records, differences } = await compareAll(180);
    await forgetAll();
    return {
      'equal after': ((performance.now() - began) / 1_000).toFixed(0),
      attempts: 0,
      records,
      differences,
    };
  },

  async helmTest() {
    await forgetAll();
    await slow(0);
    await helm();
    const said = await helmTest();
    say(said);
    return { attempts: 0, differences: said.includes('source and mirror are equal') ? 0 : 1 };
  },

  async scale() {
    await slow(LATENCY_MS);
    await forgetAll();
    await until('one worker is left', 300, async () => (await workers()) === 1, 2_000);
    const began = performance.now();
    await connect(USERS);
    const up = await until('six workers are ready', 180, async () => (await workers()) === 6);
    say(`six workers after ${up.toFixed(0)} s`);
    const { records, differences } = await compareAll(900);
    const caughtUp = (performance.now() - began) / 1_000;
    const down = await until('one worker is left', 600, async () => (await workers()) === 1, 2_000);
    const { attempts, failed } = await ledger();
    return {
      'six workers after': up.toFixed(0),
      'equal after': caughtUp.toFixed(0),
      'one worker after another': down.toFixed(0),
      attempts: attempts + failed,
      records,
      differences,
    };
  },

  /** New pods for all; the turns that run end in their old ones. */
  upgrade: () =>
    inTheMiddle(async () => {
      await helm({ podAnnotations: { 'example.com/roll': String(Date.now()) } });
      const handedBack = await inside(
        `return db.collection('odoosyncturns').countDocuments({ outcome: 'handedBack' });`,
      );
      return { 'handed back': handedBack };
    }),

  workerPod: () =>
    inTheMiddle(async () => {
      await kubectl('delete', 'pod', await podOf('worker'), '--grace-period=0', '--force');
    }),

  schedulerPod: () =>
    inTheMiddle(async () => {
      await kubectl('delete', 'pod', await podOf('scheduler'), '--grace-period=0', '--force');
    }),

  /** Redis comes back without a key. */
  redisPod: () =>
    inTheMiddle(async () => {
      const restarts = await restartsOf();
      await stores('delete', 'pod', '-l', 'app=redis', '--grace-period=0', '--force');
      await stores('rollout', 'status', 'deployment/redis', '--timeout=120s');
      await after(5_000);
      return { 'pods restarted': (await restartsOf()) - restarts };
    }),

  mongodbPod: () =>
    inTheMiddle(async () => {
      const restarts = await restartsOf();
      await stores('delete', 'pod', '-l', 'app=mongodb');
      await stores('rollout', 'status', 'deployment/mongodb', '--timeout=120s');
      return { 'pods restarted': (await restartsOf()) - restarts };
    }),

  /** One node: what is evicted waits until it takes pods again. */
  drain: () =>
    inTheMiddle(async () => {
      const node = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
      const selector = `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/component in (worker,scheduler,api)`;
      try {
        await kubectl('cordon', node);
        const evicted = kubectl(
          'drain',
          node,
          '--ignore-daemonsets',
          '--delete-emptydir-data',
          `--pod-selector=${selector}`,
          '--timeout=150s',
        ).then(
          () => 'done',
          (error) =>
            `kept by a disruption budget: ${/Cannot evict|global timeout/.exec(error.message)?.[0] ?? error.message}`,
        );
        await after(20_000);
        await kubectl('uncordon', node);
        return { drain: await evicted };
      } finally {
        await kubectl('uncordon', node);
      }
    }),

  /** New workers get a memory limit below what they work in: they are killed for it, and the old ones go on. */
  memoryLimit: () =>
    inTheMiddle(async () => {
      const low = { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '60Mi' } };
      await helm({ worker: { resources: low } }, { wait: false });
      let killed = '';
      await until('a worker is killed for its memory', 120, async () => {
        for (const { state, lastState } of await workerStates()) {
          const { reason, exitCode } = lastState?.terminated ?? state?.terminated ?? {};
          // By the kernel, or by V8, whose heap's limit follows from the memory's.
          if (reason === 'OOMKilled' || exitCode === 134) killed = `${reason} (${exitCode})`;
        }
        return killed !== '';
      });
      await helm();
      return { killed };
    }),

  /** The new pods don't start and say why; the old ones go on. */
  wrongSetting: () =>
    inTheMiddle(async () => {
      await helm({ settings: { TAIL_QUIET_MS: '5', LEASE_MS: 'soon' } }, { wait: false });
      let log = '';
      await until('a new pod has said why', 120, async () => {
        for (const { pod, state, lastState } of await workerStates()) {
          if ((lastState?.terminated ?? state?.terminated)?.exitCode !== 78) continue;
          log = await kubectl('logs', pod, '--previous').catch(() => kubectl('logs', pod));
          return log.includes('LEASE_MS');
        }
        return false;
      });
      say(log);
      const old = await workers();
      await helm();
      return {
        'lines of faults': log.split('\n').filter((line) => /^[A-Z_]+: expected/.test(line)).length,
        'old workers ready meanwhile': old,
      };
    }),

  /** A new key in front: new credentials are sealed with it, the old ones are still read. */
  newKey: () =>
    inTheMiddle(async () => {
      const old = await secretValue('credentials-keys');
      const { randomBytes } = await import('node:crypto');
      const names = ['redis-url', 'mongodb-url', 'api-token'];
      const rest = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await secretValue(name)])),
      );
      const id = `k${Date.now()}`;
      await secret({ ...rest, 'credentials-keys': `${id}:${randomBytes(32).toString('base64')},${old}` });
      await helm();
      await toolbox();
      await inside(
        `await store.setCredentials('tenant0', { kind: 'apiKey', login: 'admin', secret: 'key-tenant0' });`,
      );
      const sealed = await inside(
        `return JSON.stringify((await db.collection('odoosyncusers').findOne({ _id: 'tenant0' })).sealed);`,
      );
      return { 'sealed with the new key': sealed.includes(id) };
    }),
};

/** The states of the workers' containers, each with its pod's name. */
async function workerStates() {
  const pods = JSON.parse(
    await kubectl('get', 'pods', '-l', 'app.kubernetes.io/component=worker', '-o', 'json'),
  );
  return pods.items.flatMap(({ metadata, status }) =>
    (status.containerStatuses ?? []).map((container) => ({ pod: metadata.name, ...container })),
  );
}

async function restartsOf() {
  const pods = JSON.parse(
    await kubectl('get', 'pods', '-l', `app.kubernetes.io/instance=${RELEASE}`, '-o', 'json'),
  );
  return pods.items.reduce((sum, pod) => sum + (pod.status.containerStatuses?.[0]?.restartCount ?? 0), 0);
}
