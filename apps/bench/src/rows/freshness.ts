import { MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import type { DatabaseSpec } from '@odoo-sync/simulator';
import type { Bench, Measured, Row } from '../bench.js';
import { editRecords, editsOf, mirroredRecords } from '../load/edits.js';
import { quantile } from '../report/median.js';
import { numberText } from '../report/numberText.js';
import { simulatedUser, startFleet } from '../system/fleet.js';
import { startCpuMeter } from '../system/procfs.js';
import { untilTrue } from '../system/progress.js';
import { type Servers, withServers } from '../system/servers.js';
import { startSimulatorProcess } from '../system/simulator.js';

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
  const keys = databases.map(({ name }) => name);
  await untilTrue(
    'every user is caught up',
    async () => (await fleet.store.reports(keys)).every(({ caughtUp }) => caughtUp),
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
  const edits = editsOf(await mirroredRecords(fleet.db), size.seconds * size.perSecond);
  const edited = await editRecords(fleet.db, simulator.client, edits, size.perSecond);
  const lags = await edited.drain(DRAIN_LIMIT_MS).finally(edited.close);
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
