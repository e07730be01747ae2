import type { Bench, Measured, Row } from '../bench.js';
import { startAnswerCache } from '../load/answerCache.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import { simulatedUser, startFleet } from '../system/fleet.js';
import { startCpuMeter } from '../system/procfs.js';
import { untilRead } from '../system/progress.js';
import { type Servers, withServers } from '../system/servers.js';
import { showOnly, startSimulatorProcess } from '../system/simulator.js';
import { passOf, turnsOf } from '../system/turns.js';
import { contactsEveryDay } from './contactsOfSimulator.js';

const USER = 'again';
const SIZES = { days: 30, perDay: 2_000, rounds: 3 };
const QUICK = { days: 4, perDay: 500, rounds: 1 };

export const secondPass: Row = {
  name: 'second-pass',
  how: `${SIZES.days} windows of ${numberText(SIZES.perDay)} contacts are mirrored, then all of them are read again by a resync with nothing changed, by the same worker process as shipped; pages of 200 to 1,000, all remembered by the simulator's side. Time of the second pass over that of the first, each from the first lane taken to the last given back. Documents written: events of a change stream on the mirror's collection during the second pass.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const simulator = await startSimulatorProcess([contactsEveryDay(USER, size.days, size.perDay, 11)]);
  servers.onClose(simulator.end);
  await showOnly(simulator.client, USER, 'res.partner');
  const cache = await startAnswerCache(simulator.url);
  servers.onClose(cache.end);
  await passes(servers, cache.url, size.days);
  const runs: Awaited<ReturnType<typeof passes>>[] = [];
  for (let round = 1; round <= size.rounds; round++) {
    const run = await passes(servers, cache.url, size.days);
    runs.push(run);
    bench.say(
      `round ${round}: first ${run.first.ms} ms, second ${run.second.ms} ms, ${run.written} documents written`,
    );
  }
  const mid = (pick: (run: (typeof runs)[0]) => number) => median(runs.map(pick));
  const written = runs.reduce((sum, run) => sum + run.written, 0);
  return {
    figures: {
      time: {
        name: 'time of the second pass / the first',
        value: mid(({ first, second }) => second.ms / first.ms),
        unit: '×',
        goal: { most: 0.7 },
        from: `first ${numberText(mid(({ first }) => first.ms))} ms, second ${numberText(mid(({ second }) => second.ms))} ms for ${numberText(runs[0]?.second.records ?? 0)} records`,
      },
      written: {
        name: 'documents written by it',
        value: written,
        unit: 'documents',
        goal: { most: 0 },
        from: `in ${runs.length} passes`,
      },
    },
    notes: `Ratios ${samplesText(runs.map(({ first, second }) => second.ms / first.ms))}; CPU of the worker in the second pass ${numberText(mid(({ cpu, second }) => (cpu.worker * 1_000) / second.records))} µs a record, of mongod ${numberText(mid(({ cpu, second }) => (cpu.mongod * 1_000) / second.records))}.`,
  };
}

async function passes(servers: Servers, url: string, days: number) {
  const fleet = await startFleet(servers, {
    workers: 1,
    settings: { INITIAL_SYNC_RANGE_DAYS: String(days - 1) },
  });
  await fleet.addUser(simulatedUser(url, USER));
  await untilRead(fleet, 'backfill', 'contacts', days);
  const mirror = fleet.db.collection('odoocontacts');
  const stream = mirror.watch([], { maxAwaitTimeMS: 100 });
  // The stream begins with its first look.
  await stream.tryNext();
  const meter = await startCpuMeter({
    worker: fleet.workers.map(({ pid }) => pid),
    mongod: [servers.mongoPid],
  });
  const user = await fleet.store.user(USER);
  if (!user) throw new Error(`there is no user ${USER}`);
  await fleet.store.requestResync(user, { modules: ['contacts'], requestedBy: 'bench' });
  await untilRead(fleet, 'resync', 'contacts', days);
  const cpu = await meter();
  let written = 0;
  while ((await stream.tryNext()) !== null) written++;
  await stream.close();
  const turns = await turnsOf(fleet.db);
  await fleet.forget();
  return { first: passOf(turns, 'backfill'), second: passOf(turns, 'resync'), written, cpu };
}
