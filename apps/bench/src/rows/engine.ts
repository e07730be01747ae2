import { type Bench, inTurns, type Measured, type Row } from '../bench.js';
import { startAnswerCache } from '../load/answerCache.js';
import { recordsPerSecond, runBareLoops } from '../load/bareLoop.js';
import type { BareSource } from '../load/readWindow.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import type { Figure } from '../report/rowResult.js';
import { windowsOfDays } from '../system/days.js';
import { type Fleet, simulatedUser, startFleet } from '../system/fleet.js';
import { startCpuMeter } from '../system/procfs.js';
import { profileArgs, profileFolder, tellProfile } from '../system/profile.js';
import { untilRead } from '../system/progress.js';
import { type Servers, withServers } from '../system/servers.js';
import { showOnly, startSimulatorProcess } from '../system/simulator.js';
import { passOf, turnsOf } from '../system/turns.js';
import { contactsEveryDay, mirroredFields } from './contactsOfSimulator.js';

const PAGE = 1_000;
const SIZES = { days: 30, perDay: 2_000, rounds: 3 };
const QUICK = { days: 4, perDay: 500, rounds: 1 };

interface Setup {
  readonly label: string;
  readonly users: readonly string[];
  readonly processes: number;
  readonly lanesEach: number;
  readonly goal: number;
}

const ONE_LANE: Setup = { label: 'one lane', users: ['a'], processes: 1, lanesEach: 1, goal: 0.75 };
const FOUR_LANES: Setup = {
  label: 'four lanes in two processes',
  users: ['a', 'b', 'c', 'd'],
  processes: 2,
  lanesEach: 2,
  goal: 0.8,
};

export const engine: Row = {
  name: 'engine',
  how: `Contacts of 46 fields, ${SIZES.days} windows of ${numberText(SIZES.perDay)} a user, from a simulator whose pages (of ${numberText(PAGE)}) are all remembered and so answered at once. Engine: scheduler and worker processes as shipped, \`WORKER_CONCURRENCY\` 1, or two workers with 2 and four users; records over the time from the first lane taken to the last given back. Reference: a bare loop in as many processes and lanes: fetch a page with the same HTTP client, \`JSON.parse\`, \`insertMany\`, a window in one transaction, under the same unique index; no decoding, hash, queue, ledger.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const databases = FOUR_LANES.users.map((name, n) => contactsEveryDay(name, size.days, size.perDay, 70 + n));
  const simulator = await startSimulatorProcess(databases);
  servers.onClose(simulator.end);
  for (const { name } of databases) await showOnly(simulator.client, name, 'res.partner');
  const cache = await startAnswerCache(simulator.url);
  servers.onClose(cache.end);

  const figures: Record<string, Figure> = {};
  const notes: string[] = [];
  for (const setup of [ONE_LANE, FOUR_LANES]) {
    const runEngine = (nodeArgs: readonly string[] = []) =>
      engineRun(servers, cache, setup, size.days, nodeArgs);
    // Once uncounted: it makes the pages that are remembered afterwards.
    const warm = await runEngine();
    const bareSource = { url: cache.url, fields: warm.fields };
    const runBare = (round: number) => bareRun(servers, bareSource, setup, size.days, round);
    await runBare(0);
    const made = await cache.made();
    const { reference, engine: own } = await inTurns(size.rounds, runBare, async (round) => {
      const run = await runEngine();
      bench.say(`${setup.label}, round ${round}: ${numberText(run.rate)} records/s`);
      return run;
    });
    const bare = median(reference.map(({ rate }) => rate));
    const rate = median(own.map((run) => run.rate));
    figures[setup.label] = {
      name: `engine / bare loop, ${setup.label}`,
      value: rate / bare,
      unit: '×',
      goal: { least: setup.goal },
      from: `engine ${numberText(rate)} records/s, bare loop ${numberText(bare)}`,
    };
    const cpu = (name: keyof (typeof own)[0]['cpu']) => median(own.map((run) => run.cpu[name]));
    notes.push(
      `${setup.label}: engine ${samplesText(own.map((run) => run.rate))}, bare loop ${samplesText(reference.map((run) => run.rate))} records/s; CPU µs a record: worker ${numberText(cpu('workers'))}, mongod ${numberText(cpu('mongod'))}, redis ${numberText(cpu('redis'))}, pages ${numberText(cpu('pages'))}; bare loop's process ${numberText(median(reference.map((run) => run.cpu)))}. Pages made during the runs: ${(await cache.made()) - made}.`,
    );
    if (bench.profile) {
      const folder = await profileFolder();
      await runEngine(profileArgs(folder));
      await tellProfile(folder, bench.say);
    }
  }
  return { figures, notes: notes.join(' ') };
}

async function engineRun(
  servers: Servers,
  pages: { readonly url: string; readonly pid: number },
  setup: Setup,
  days: number,
  nodeArgs: readonly string[],
) {
  const fleet: Fleet = await startFleet(servers, {
    workers: setup.processes,
    settings: {
      WORKER_CONCURRENCY: String(setup.lanesEach),
      LIMIT_PER_CALL: String(PAGE),
      INITIAL_SYNC_RANGE_DAYS: String(days - 1),
    },
    nodeArgs,
  });
  const stopMeter = await startCpuMeter({
    workers: fleet.workers.map(({ pid }) => pid),
    mongod: [servers.mongoPid],
    redis: [servers.redis.pid],
    pages: [pages.pid],
  });
  for (const user of setup.users) await fleet.addUser(simulatedUser(pages.url, user));
  await untilRead(fleet, 'backfill', 'contacts', days * setup.users.length);
  const used = await stopMeter();
  const pass = passOf(await turnsOf(fleet.db), 'backfill');
  const fields = await mirroredFields(fleet, setup.users[0] ?? '', 'contacts');
  await fleet.forget();
  const each = (ms: number) => (ms * 1_000) / pass.records;
  const cpu = {
    workers: each(used.workers),
    mongod: each(used.mongod),
    redis: each(used.redis),
    pages: each(used.pages),
  };
  return { rate: pass.recordsPerSecond, fields, cpu };
}

async function bareRun(
  servers: Servers,
  bareSource: Pick<BareSource, 'url' | 'fields'>,
  setup: Setup,
  days: number,
  round: number,
) {
  const database = `bare_${setup.processes}_${round}`;
  const lanes = setup.users.map((db) => ({
    source: {
      ...bareSource,
      db,
      apiKey: `key-${db}`,
      model: 'res.partner',
      pageStart: PAGE,
      pageMost: PAGE,
    } satisfies BareSource,
    windows: windowsOfDays(days),
  }));
  const result = await runBareLoops(
    Array.from({ length: setup.processes }, (_, n) => ({
      mongodbUrl: servers.mongodbUrl(database),
      lanes: lanes.slice(n * setup.lanesEach, (n + 1) * setup.lanesEach),
    })),
  );
  await servers.client.db(database).dropDatabase();
  return { rate: recordsPerSecond(result), cpu: (result.cpuMs * 1_000) / result.records };
}
