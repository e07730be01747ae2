import type { DatabaseSpec } from '@odoo-sync/simulator';
import { type Bench, inTurns, type Measured, type Row } from '../bench.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import { simulatedUser, startFleet } from '../system/fleet.js';
import { startCpuMeter } from '../system/procfs.js';
import { profileArgs, profileFolder, tellProfile } from '../system/profile.js';
import { untilTrue } from '../system/progress.js';
import { type Servers, withServers } from '../system/servers.js';
import { type SimulatorProcess, showOnly, startSimulatorProcess } from '../system/simulator.js';
import { contactsEveryDay } from './contactsOfSimulator.js';

const LATENCY_MS = 100;
const PAGE = 5;
const SIZES = { users: 64, perDay: 25, days: 90, workers: 8, seconds: 15, rounds: 2 };
const QUICK = { users: 16, perDay: 25, days: 30, workers: 4, seconds: 5, rounds: 1 };
const LIMIT_MS = 120_000;

export const workers: Row = {
  name: 'workers',
  how: `${SIZES.users} users whose Odoo answers every request after ${LATENCY_MS} ms, windows of ${SIZES.perDay} contacts in pages of ${PAGE}: records committed in ${SIZES.seconds} s by ${SIZES.workers} worker processes over those of one, each with \`WORKER_CONCURRENCY\` 4. The clock starts when every user has had its first tail (without the latency); tails are set apart (\`TAIL_INTERVAL_MS\` 10 min), so that windows alone are counted.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

interface Load {
  readonly names: readonly string[];
  readonly processes: number;
  readonly days: number;
  readonly seconds: number;
  readonly nodeArgs: readonly string[];
}

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const databases: DatabaseSpec[] = Array.from({ length: size.users }, (_, n) =>
    contactsEveryDay(`u${n}`, size.days, size.perDay, n),
  );
  const simulator = await startSimulatorProcess(databases);
  servers.onClose(simulator.end);
  const names = databases.map(({ name }) => name);
  for (const name of names) await showOnly(simulator.client, name, 'res.partner');
  const run = async (processes: number, nodeArgs: readonly string[] = []) => {
    const done = await oneRun(servers, simulator, {
      names,
      processes,
      days: size.days,
      seconds: size.seconds,
      nodeArgs,
    });
    bench.say(`${processes} workers: ${numberText(done.rate)} records/s; CPU ${done.busy}`);
    return done;
  };
  const { reference: ones, engine: all } = await inTurns(
    size.rounds,
    () => run(1),
    () => run(size.workers),
  );
  if (bench.profile) {
    const folder = await profileFolder();
    await run(size.workers, profileArgs(folder));
    await tellProfile(folder, bench.say);
  }
  const rate = (runs: typeof ones) => median(runs.map((one) => one.rate));
  return {
    figures: {
      ratio: {
        name: `${size.workers} workers / 1`,
        value: rate(all) / rate(ones),
        unit: '×',
        goal: { least: 7 },
        from: `${numberText(rate(all))} records/s, one ${numberText(rate(ones))}`,
      },
    },
    notes: `${size.workers} workers ${samplesText(all.map((one) => one.rate))}, one ${samplesText(ones.map((one) => one.rate))} records/s. CPU with ${size.workers}: ${all.at(-1)?.busy}; with one: ${ones.at(-1)?.busy}.`,
  };
}

async function oneRun(
  servers: Servers,
  { client, url, pid }: SimulatorProcess,
  { names, processes, days, seconds, nodeArgs }: Load,
) {
  await client.call('faults.clear');
  const fleet = await startFleet(servers, {
    workers: processes,
    settings: {
      WORKER_CONCURRENCY: '4',
      LIMIT_PER_CALL: String(PAGE),
      TAIL_INTERVAL_MS: '600000',
      TAIL_QUIET_MS: '600000',
      INITIAL_SYNC_RANGE_DAYS: String(days - 1),
    },
    nodeArgs,
  });
  for (const name of names) await fleet.addUser(simulatedUser(url, name));
  const plans = fleet.db.collection('odoosyncplans');
  await untilTrue(
    'every user has had its first tail',
    async () => (await plans.countDocuments({ 'modules.contacts.lastPass': { $ne: null } })) === names.length,
    LIMIT_MS,
    200,
  );
  await client.call('faults.add', { kind: 'latency', ms: LATENCY_MS, times: 'always' });
  // Every lane has met the latency.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const meter = await startCpuMeter({
    workers: fleet.workers.map((worker) => worker.pid),
    mongod: [servers.mongoPid],
    redis: [servers.redis.pid],
    simulator: [pid],
  });
  const [from, began] = [await fleet.store.now(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const [to, ms] = [await fleet.store.now(), performance.now() - began];
  const used = await meter();
  const left = await fleet.db
    .collection('odoosyncbatches')
    .countDocuments({ module: 'contacts', status: 'pending' });
  if (left < names.length) throw new Error(`only ${left} windows are left: the users had too little to do`);
  const [sum] = await fleet.db
    .collection('odoosyncturns')
    .aggregate<{ records: number }>([
      { $match: { endedAt: { $gte: from, $lt: to } } },
      { $group: { _id: null, records: { $sum: { $ifNull: ['$counts.read', 0] } } } },
    ])
    .toArray();
  await fleet.forget();
  const busy = Object.entries(used)
    .map(([name, cpu]) => `${name} ${Math.round((cpu / ms) * 100)} %`)
    .join(', ');
  return { rate: ((sum?.records ?? 0) / ms) * 1_000, busy };
}
