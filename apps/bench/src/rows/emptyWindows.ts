import type { DatabaseSpec } from '@odoo-sync/simulator';
import { type Bench, inTurns, type Measured, type Row } from '../bench.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import type { Figure } from '../report/rowResult.js';
import { simulatedUser, startFleet } from '../system/fleet.js';
import { countMongoOps, type MongoOps } from '../system/mongoOps.js';
import { startCpuMeter } from '../system/procfs.js';
import { profileArgs, profileFolder, tellProfile } from '../system/profile.js';
import { untilTrue, windowsDone } from '../system/progress.js';
import { type Servers, withServers } from '../system/servers.js';
import { type SimulatorProcess, startSimulatorProcess } from '../system/simulator.js';

const MODULES = 4;
const SIZES = { days: 90, users: 4, rounds: 3 };
const QUICK = { days: 20, users: 2, rounds: 1 };
const LIMIT_MS = 240_000;

export const emptyWindows: Row = {
  name: 'empty-windows',
  how: `${SIZES.users} companies without a record, ${SIZES.days} days of four modules each (${SIZES.days + 1} windows a module), one worker as shipped (\`WORKER_CONCURRENCY\` 4): windows that are read or sealed in a second, from the first lane taken on. Once with the survey, once with a simulator that fails it (\`read_group\` and \`formatted_read_group\` raise). Per window: CPU of each process, MongoDB's operations, requests to Odoo.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

interface Load {
  readonly names: readonly string[];
  readonly days: number;
  readonly survey: boolean;
  readonly nodeArgs: readonly string[];
}

interface Run {
  readonly rate: number;
  readonly cpu: Readonly<Record<'worker' | 'mongod' | 'redis' | 'simulator', number>>;
  readonly ops: MongoOps;
  readonly requests: number;
  readonly turns: number;
}

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const databases: DatabaseSpec[] = Array.from({ length: size.users }, (_, n) => ({ name: `empty${n}` }));
  const simulator = await startSimulatorProcess(databases);
  servers.onClose(simulator.end);
  const names = databases.map(({ name }) => name);
  const run = async (survey: boolean, nodeArgs: readonly string[] = []) => {
    const done = await oneRun(servers, simulator, { names, days: size.days, survey, nodeArgs });
    bench.say(`${survey ? 'with' : 'without'} the survey: ${numberText(done.rate)} windows/s`);
    return done;
  };
  const { reference: without, engine: surveyed } = await inTurns(
    size.rounds,
    () => run(false),
    () => run(true),
  );
  if (bench.profile) {
    const folder = await profileFolder();
    await run(false, profileArgs(folder));
    await tellProfile(folder, bench.say);
  }
  const figure = (name: string, runs: readonly Run[]): Figure => ({
    name,
    value: median(runs.map(({ rate }) => rate)),
    unit: 'windows/s',
    from: costs(runs, size.users * MODULES * (size.days + 1)),
  });
  return {
    figures: {
      survey: figure('empty windows, with the survey', surveyed),
      jobs: figure('empty windows, without it', without),
    },
    notes: `Windows/s with the survey ${samplesText(surveyed.map(({ rate }) => rate))}, without ${samplesText(without.map(({ rate }) => rate))}.`,
  };
}

/** A window's share of everything. */
function costs(runs: readonly Run[], windows: number): string {
  const each = (pick: (run: Run) => number) => numberText(median(runs.map(pick)) / windows);
  return [
    `per window: CPU ms worker ${each(({ cpu }) => cpu.worker)}, mongod ${each(({ cpu }) => cpu.mongod)}, redis ${each(({ cpu }) => cpu.redis)}, simulator ${each(({ cpu }) => cpu.simulator)}`,
    `MongoDB commands ${each(({ ops }) => ops.commands)}, queries ${each(({ ops }) => ops.queries)}, inserts ${each(({ ops }) => ops.inserts)}, updates ${each(({ ops }) => ops.updates)}, transactions ${each(({ ops }) => ops.transactions)}`,
    `requests to Odoo ${each(({ requests }) => requests)}, turns ${each(({ turns }) => turns)}`,
  ].join('; ');
}

async function oneRun(
  servers: Servers,
  { client, url, pid }: SimulatorProcess,
  { names, days, survey, nodeArgs }: Load,
): Promise<Run> {
  await client.call('faults.clear');
  for (const method of survey ? [] : ['read_group', 'formatted_read_group']) {
    const fault = { kind: 'odooError' as const, name: 'odoo.exceptions.UserError' };
    await client.call('faults.add', { ...fault, match: { method }, times: 'always' });
  }
  const fleet = await startFleet(servers, {
    workers: 1,
    settings: { INITIAL_SYNC_RANGE_DAYS: String(days) },
    nodeArgs,
  });
  const turns = fleet.db.collection<{ takenAt: Date }>('odoosyncturns');
  const total = names.length * MODULES * (days + 1);
  const meter = await startCpuMeter({
    worker: fleet.workers.map((worker) => worker.pid),
    mongod: [servers.mongoPid],
    redis: [servers.redis.pid],
    simulator: [pid],
  });
  const ops = await countMongoOps(servers.client);
  const asked = (await client.call('log', { after: Number.MAX_SAFE_INTEGER })).totals.requests;
  for (const name of names) await fleet.addUser(simulatedUser(url, name));
  await untilTrue(
    `${total} windows are read or sealed`,
    async () => (await windowsDone(fleet.db)) >= total,
    LIMIT_MS,
  );
  const ended = Date.now();
  const [first] = await turns.find().sort({ takenAt: 1 }).limit(1).toArray();
  const result = {
    rate: (total / (ended - (first?.takenAt.getTime() ?? ended))) * 1_000,
    cpu: await meter(),
    ops: await ops(),
    requests: (await client.call('log', { after: Number.MAX_SAFE_INTEGER })).totals.requests - asked,
    turns: await turns.countDocuments(),
  };
  await fleet.forget();
  return result;
}
