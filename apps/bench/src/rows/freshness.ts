import { MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import type { DatabaseSpec, ModelName } from '@odoo-sync/simulator';
import type { Bench, Measured, Row } from '../bench.js';
import { quantile } from '../report/median.js';
import { numberText } from '../report/numberText.js';
import { type Fleet, simulatedUser, startFleet } from '../system/fleet.js';
import { startCpuMeter } from '../system/procfs.js';
import { type Servers, withServers } from '../system/servers.js';
import { type SimulatorProcess, startSimulatorProcess } from '../system/simulator.js';
import { untilTrue } from '../system/untilTrue.js';

const SIZES = { users: 100, seconds: 60, perSecond: 10, rangeDays: 2 };
const QUICK = { users: 10, seconds: 10, perSecond: 10, rangeDays: 2 };
const WORKERS = 2;
const RECORDS = 25;
const BACKFILL_LIMIT_MS = 240_000;
const DRAIN_LIMIT_MS = 60_000;
const MOST_MS = 12_000;

export const freshness: Row = {
  name: 'freshness',
  how: `${SIZES.users} users, all caught up and active, two worker processes and default settings; ${SIZES.perSecond} records a second are edited at random in their Odoos for ${SIZES.seconds} s. From the answer to the edit to its event in a change stream of the mirror. Only \`INITIAL_SYNC_RANGE_DAYS\` is shortened (${SIZES.rangeDays}), so that the backfill is over soon.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

interface Edit {
  readonly db: string;
  readonly model: ModelName;
  readonly id: number;
}

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const count = { count: RECORDS, days: size.rangeDays, activeDays: size.rangeDays };
  const databases: DatabaseSpec[] = Array.from({ length: size.users }, (_, n) => ({
    name: `u${n}`,
    seed: n,
    models: Object.fromEntries(MODULE_NAMES.map((name) => [moduleOf(name).model, count])),
  }));
  const simulator = await startSimulatorProcess(databases);
  servers.onClose(simulator.end);
  const fleet = await startFleet(servers, {
    workers: WORKERS,
    settings: { INITIAL_SYNC_RANGE_DAYS: String(size.rangeDays), SCHEDULER_INTERVAL_MS: '10000' },
  });
  for (const { name } of databases) await fleet.addUser(simulatedUser(simulator.url, name));
  await untilTrue(
    'every user is caught up',
    async () => (await fleet.store.reports()).every(({ caughtUp }) => caughtUp),
    BACKFILL_LIMIT_MS,
    500,
  );
  bench.say('every user is caught up');
  const meter = await startCpuMeter({
    workers: fleet.workers.map((worker) => worker.pid),
    mongod: [servers.mongoPid],
    redis: [servers.redis.pid],
    simulator: [simulator.pid],
  });
  const began = performance.now();
  const lags = await editAndWait(
    fleet,
    simulator,
    editsOf(await mirrored(fleet), size.seconds * size.perSecond),
    size.perSecond,
  );
  const elapsed = performance.now() - began;
  const busy = Object.entries(await meter())
    .map(([name, cpu]) => `${name} ${Math.round((cpu / elapsed) * 100)} %`)
    .join(', ');
  const figure = (name: string, ms: number, goal?: { most: number }) => ({
    name: `change in Odoo to change in MongoDB, ${name}`,
    value: ms / 1_000,
    unit: 's',
    ...(goal ? { goal } : {}),
    from: '',
  });
  return {
    figures: {
      p95: figure('95 of 100', quantile(lags, 0.95), { most: MOST_MS / 1_000 }),
      p50: figure('median', quantile(lags, 0.5)),
      max: figure('the slowest', Math.max(...lags)),
    },
    notes: `${numberText(lags.length)} edits. CPU meanwhile: ${busy}.`,
  };
}

/** Every mirrored record, by its document. */
async function mirrored({ db }: Fleet): Promise<ReadonlyMap<string, Edit>> {
  const all = new Map<string, Edit>();
  for (const name of MODULE_NAMES) {
    const { collection, model } = moduleOf(name);
    const found = db.collection(collection).find({}, { projection: { userId: 1, odooId: 1 } });
    for await (const { _id, userId, odooId } of found)
      all.set(String(_id), { db: userId, model: model as ModelName, id: odooId });
  }
  return all;
}

/** So many of them, each once, spread over users and modules by the order of their documents' ids. */
function editsOf(all: ReadonlyMap<string, Edit>, count: number): ReadonlyMap<string, Edit> {
  const entries = [...all];
  const step = Math.max(1, Math.floor(entries.length / count));
  const chosen = entries.filter((_, n) => n % step === 0).slice(0, count);
  // Not in the order of users: their edits would come in bursts.
  return new Map(
    chosen
      .map((entry, n) => ({ entry, at: (n * 7_919) % chosen.length }))
      .sort((a, b) => a.at - b.at)
      .map(({ entry }) => entry),
  );
}

async function editAndWait(
  { db }: Fleet,
  { client }: SimulatorProcess,
  edits: ReadonlyMap<string, Edit>,
  perSecond: number,
): Promise<readonly number[]> {
  const answeredAt = new Map<string, number>();
  const lags: number[] = [];
  const collections = MODULE_NAMES.map((name) => moduleOf(name).collection);
  const stream = db.watch([{ $match: { 'ns.coll': { $in: collections } } }], { maxAwaitTimeMS: 50 });
  stream.on('change', (change) => {
    if (!('documentKey' in change)) return;
    const key = String(change.documentKey._id);
    const at = answeredAt.get(key);
    if (at === undefined) return;
    answeredAt.delete(key);
    lags.push(performance.now() - at);
  });
  stream.on('error', () => {});
  try {
    const began = performance.now();
    let n = 0;
    for (const [key, edit] of edits) {
      const due = began + (n++ * 1_000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      await client.call('write', { db: edit.db, model: edit.model, ids: [edit.id] });
      answeredAt.set(key, performance.now());
    }
    await untilTrue('every edit is mirrored', async () => lags.length >= edits.size, DRAIN_LIMIT_MS);
  } finally {
    await stream.close();
  }
  return lags;
}
