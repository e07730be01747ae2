import type { DatabaseSpec } from '@odoo-sync/simulator';
import { type Bench, inTurns, type Measured, type Row } from '../bench.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import { midnight } from '../system/days.js';
import { simulatedUser, startFleet } from '../system/fleet.js';
import { peakMb } from '../system/procfs.js';
import { untilRead } from '../system/progress.js';
import { type Servers, withServers } from '../system/servers.js';
import { showOnly, startSimulatorProcess } from '../system/simulator.js';
import { passOf, turnsOf } from '../system/turns.js';

const SIZES = { one: 100_000, two: 200_000, rounds: 2 };
const QUICK = { one: 10_000, two: 20_000, rounds: 1 };
const MOST_MB = 300;
/** Two runs of the same window differ by about so much. */
const NOISE = 1.05;
/** As image and README start a worker: without a limit, V8 lets garbage lie as long as the machine has room. */
const SHIPPED_HEAP = '--max-old-space-size=384';

export const memory: Row = {
  name: 'memory',
  how: `One window of ${numberText(SIZES.one)} contacts (written in one second), and one of twice as many, each read by a worker process of its own, under \`${SHIPPED_HEAP}\` as shipped: the most memory that it ever had resident (\`VmHWM\` in \`/proc\`, in MB of 1,000,000 bytes).`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

const burst = (name: string, count: number): DatabaseSpec => ({
  name,
  models: {
    'res.partner': {
      count,
      bursts: [{ at: new Date(midnight(1).getTime() + 43_200_000).toISOString(), count }],
    },
  },
});

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const { one, two, rounds } = bench.quick ? QUICK : SIZES;
  const simulator = await startSimulatorProcess([burst('one', one), burst('two', two)]);
  servers.onClose(simulator.end);
  for (const name of ['one', 'two']) await showOnly(simulator.client, name, 'res.partner');
  const run = async (name: string, records: number, ...nodeArgs: readonly string[]) => {
    const done = await readOne(servers, simulator.url, name, nodeArgs);
    bench.say(
      `${[records, 'records', ...nodeArgs].join(' ')}: ${numberText(done.mb)} MB, ${numberText(done.rate)} records/s`,
    );
    return done;
  };
  const { reference: ones, engine: twos } = await inTurns(
    rounds,
    () => run('one', one, SHIPPED_HEAP),
    () => run('two', two, SHIPPED_HEAP),
  );
  const free = await run('two', two);
  const [peakOne, peakTwo] = [ones, twos].map((runs) => median(runs.map(({ mb }) => mb))) as [number, number];
  const samples = (runs: typeof ones) =>
    `${samplesText(runs.map(({ mb }) => mb))} MB at ${samplesText(runs.map(({ rate }) => rate))} records/s`;
  return {
    figures: {
      one: {
        name: `worker's peak, a window of ${numberText(one)}`,
        value: peakOne,
        unit: 'MB',
        goal: { most: MOST_MB },
        from: '',
      },
      two: {
        name: `worker's peak, a window of ${numberText(two)}`,
        value: peakTwo,
        unit: 'MB',
        goal: { most: MOST_MB },
        from: '',
      },
      growth: {
        name: 'the second / the first',
        value: peakTwo / peakOne,
        unit: '×',
        goal: { most: NOISE },
        from: '',
      },
      free: {
        name: `a window of ${numberText(two)} without that limit`,
        value: free.mb,
        unit: 'MB',
        from: `${numberText(free.rate)} records/s`,
      },
    },
    notes: `${numberText(one)}: ${samples(ones)}; ${numberText(two)}: ${samples(twos)}.`,
  };
}

async function readOne(servers: Servers, url: string, name: string, nodeArgs: readonly string[]) {
  const fleet = await startFleet(servers, {
    workers: 1,
    settings: { INITIAL_SYNC_RANGE_DAYS: '2' },
    nodeArgs,
  });
  await fleet.addUser(simulatedUser(url, name));
  await untilRead(fleet, 'backfill', 'contacts', 1);
  const mb = await peakMb(fleet.workers[0]?.pid ?? 0);
  const { recordsPerSecond } = passOf(await turnsOf(fleet.db), 'backfill');
  await fleet.forget();
  return { mb, rate: recordsPerSecond };
}
