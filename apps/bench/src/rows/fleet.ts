import { DEFAULT_SETTINGS, MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import type { DatabaseSpec } from '@odoo-sync/simulator';
import type { Bench, Measured, Row } from '../bench.js';
import { exerciseFleet, newcomerDatabase } from '../load/exerciseFleet.js';
import { fillUsers, makeSealDue, sealLater } from '../load/fillUsers.js';
import { type FilledLedger, QUIET, quieten } from '../load/followedFleet.js';
import { makeTemplateUser } from '../load/templateUser.js';
import { openTickWorld, type TickWorld } from '../load/tickWorld.js';
import { median, quantile } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import type { Figure } from '../report/rowResult.js';
import { type MongoSize, mongoSize } from '../system/mongoSize.js';
import { profileQueries, type QueryUse, scans, waste } from '../system/queryUse.js';
import { type Servers, withServers } from '../system/servers.js';
import { startSimulatorProcess } from '../system/simulator.js';
import { demandOf, runStretch, type Stretch, stretchText } from './fleetStretch.js';

const DATABASE = 'fleet';
const FEW = 0.01;
const MANY = 0.1;
/** A record of each module for each edit that may come. */
const RECORDS = 5;
const SIZES = {
  users: 10_000,
  days: 90,
  rounds: 5,
  shares: [FEW, MANY],
  firstWarmSeconds: 20,
  warmSeconds: 30,
  seconds: 60,
  asked: 200,
};
const QUICK = {
  users: 200,
  days: 10,
  rounds: 2,
  shares: [MANY],
  firstWarmSeconds: 3,
  warmSeconds: 3,
  seconds: 6,
  asked: 20,
};
/** Nothing more is begun past it, but for the look at the queries. */
const LIMIT_S = 540;
const WORST = 10;
const WEEK_S = 7 * 86_400;

export const fleetRow: Row = {
  name: 'fleet',
  how: `A ledger of ${numberText(SIZES.users)} users of four modules and 91 windows each, all caught up, each window a document of its own: the worst case, since a survey joins windows that hold nothing into one. Size: what each user takes in MongoDB (without the history of turns) and, with the delayed job of his next tail, in Redis. Tick: in this process as in \`tick\`, 1 % or 10 % of the users due for a seal, of whom a tick hands out 256. Then a scheduler and two workers as shipped follow all of them, 1 % active (each Odoo a simulated one of his own, whose records are edited), the others quiet (a simulated Odoo that holds nothing); where they don't keep up (more than one tail of 100 is over 5 s late), half as many, until they do, and the same with 10 % active. From the answer to an edit to its event in a change stream of the mirror. At last every page, command and turn is asked for once with MongoDB's profiler on.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

type Size = typeof SIZES;

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const began = performance.now();
  const size = bench.quick ? QUICK : SIZES;
  const template = await makeTemplateUser(servers, 'caughtUp', size.days);
  const world = await openTickWorld(servers, DATABASE, makeSealDue);
  const keys = await fillUsers(world.db, template, size.users, size.users);
  const stored = await mongoSize(world.db, /^odoosync(?!turns$)/);
  bench.say(`${numberText(size.users)} users are there: ${numberText(stored.documents)} documents`);
  const ticks = await measureTicks(world, keys, size);
  const ledger = await openLedger(servers, world, keys);
  const stretches: Stretch[] = [];
  const run = async (users: number, active: number): Promise<Stretch | null> => {
    if ((performance.now() - began) / 1_000 > LIMIT_S) return null;
    const warmSeconds = stretches.length === 0 ? size.firstWarmSeconds : size.warmSeconds;
    const stretch = await runStretch(servers, ledger, { users, active, warmSeconds, seconds: size.seconds });
    stretches.push(stretch);
    bench.say(stretchText(stretch));
    return stretch;
  };
  const followed: Record<string, Figure> = {};
  for (const share of size.shares)
    Object.assign(followed, followFigures(share, await findSustained(size.users, share, stretches, run)));
  const history = await mongoSize(world.db, /^odoosyncturns$/);
  const stop = await profileQueries(world.db);
  const answers = await exerciseFleet(servers, ledger, { users: size.asked, active: 2 });
  const queries = await stop();
  for (const query of queries.slice(0, WORST)) bench.say(queryText(query));
  const [whole] = stretches;
  return {
    figures: {
      ...sizeFigures(size.users, stored, whole),
      ...tickFigures(ticks, size.users),
      ...(whole ? tailFigures(whole) : {}),
      ...followed,
      history: historyFigure(history),
      status: {
        name: `\`GET /status\` of ${numberText(size.users)} users`,
        value: answers.statusMs / 1_000,
        unit: 's',
        from: `\`/dashboard\` ${numberText(answers.dashboardMs / 1_000)} s, \`odoo-sync status --json\` ${numberText(answers.cliStatusMs / 1_000)} s`,
      },
      scans: {
        name: 'questions to MongoDB that read a whole collection',
        value: queries.filter(scans).length,
        unit: 'kinds',
        from: `of ${queries.length}`,
      },
    },
    notes: `${stretches.map((one) => `${stretchText(one)}.`).join(' ')} Whole collections are read by: ${queries.filter(scans).map(queryText).join('; ') || 'nothing'}. Of the others, most documents for each one given: ${queries
      .filter((query) => !scans(query))
      .slice(0, 3)
      .map(queryText)
      .join('; ')}.`,
  };
}

/** Ticks on 1 % and on 10 % of the users. */
async function measureTicks({ db, ticked }: TickWorld, keys: readonly string[], { users, rounds }: Size) {
  const [few, many] = [FEW, MANY].map((share) => keys.slice(0, users * share)) as [string[], string[]];
  await ticked(few);
  const times = { few: [] as number[], many: [] as number[], all: [] as number[], ticks: 0 };
  for (let round = 0; round < rounds; round++) {
    times.few.push((await ticked(few)).firstMs);
    const { firstMs, allMs, ticks } = await ticked(many);
    times.many.push(firstMs);
    times.all.push(allMs);
    times.ticks = ticks;
  }
  await sealLater(db);
  return times;
}

/** Every user of it is mirrored from an Odoo; so many as may be active can have one of their own. */
async function openLedger(
  servers: Servers,
  { db, keyRing, credentialsKeys }: TickWorld,
  keys: readonly string[],
): Promise<FilledLedger> {
  const records = { count: RECORDS, days: 1, activeDays: 1 };
  const own = keys.slice(0, keys.length * MANY).map(
    (name, seed): DatabaseSpec => ({
      name,
      seed,
      models: Object.fromEntries(MODULE_NAMES.map((module) => [moduleOf(module).model, records])),
    }),
  );
  const simulator = await startSimulatorProcess([{ name: QUIET }, newcomerDatabase, ...own]);
  servers.onClose(simulator.end);
  const ledger = { database: DATABASE, db, keyRing, credentialsKeys, keys, simulator };
  await quieten(ledger);
  return ledger;
}

/**
 * Halves the users until they are followed as they should be. What a stretch showed that the fleet can't do is left out.
 * @param run null when there is no time left.
 */
async function findSustained(
  all: number,
  share: number,
  stretches: readonly Stretch[],
  run: (users: number, active: number) => Promise<Stretch | null>,
): Promise<Stretch | null> {
  for (let users = all; users >= 1 / share; users = Math.floor(users / 2)) {
    const active = Math.round(users * share);
    const most = Math.min(...stretches.filter(({ sustained }) => !sustained).map(({ rate }) => rate));
    if (demandOf(users, active) > most) continue;
    const stretch = await run(users, active);
    if (!stretch || stretch.sustained) return stretch;
  }
  return null;
}

function sizeFigures(
  users: number,
  { plain, stored, indexes, documents }: MongoSize,
  whole: Stretch | undefined,
): Record<string, Figure> {
  const each = (bytes: number) => numberText(bytes / users / 1_000);
  return {
    mongodb: {
      name: 'a user in MongoDB, on disk with indexes',
      value: (stored + indexes) / users / 1_000,
      unit: 'KB',
      from: `documents ${each(stored)}, indexes ${each(indexes)}; ${each(plain)} without compression, in ${numberText(documents / users)} documents`,
    },
    ...(whole
      ? {
          redis: {
            name: 'a user in Redis',
            value: whole.jobs.bytes / whole.users,
            unit: 'bytes',
            from: `${numberText(whole.jobs.keys / whole.users)} keys`,
          },
        }
      : {}),
  };
}

function tickFigures(
  { few, many, all, ticks }: Awaited<ReturnType<typeof measureTicks>>,
  users: number,
): Record<string, Figure> {
  const figure = (name: string, times: readonly number[], more = ''): Figure => ({
    name,
    value: median(times),
    unit: 'ms',
    from: `${samplesText(times)} ms${more}`,
  });
  const due = (share: number) => `${numberText(users * share)} of ${numberText(users)} users due`;
  const waits = ((ticks - 1) * 10_000) / 1_000;
  return {
    tickFew: figure(`a tick, ${due(FEW)}`, few),
    tickMany: figure(`a tick, ${due(MANY)}`, many),
    tickAll: figure(
      `all ticks until all were handed out, ${due(MANY)}`,
      all,
      `; ${ticks} ticks, which the scheduler's default interval spreads over ${waits} s`,
    ),
  };
}

const tailFigures = ({ users, active, rate, demand, cores }: Stretch): Record<string, Figure> => ({
  tails: {
    name: `tails that two workers run for ${numberText(users)} users, ${numberText(active)} of them active`,
    value: rate,
    unit: 'tails/s',
    from: `${numberText(demand)} fall due; ${busyText({ cores, rate })}; a round through all takes ${numberText(users / rate)} s`,
  },
});

/** Everything that runs shares the machine: the simulator too. */
const busyText = ({ cores, rate }: Pick<Stretch, 'cores' | 'rate'>): string =>
  `${numberText(cores)} cores busy, ${numberText((cores / rate) * 1_000)} ms of CPU a tail`;

function followFigures(ofAll: number, stretch: Stretch | null): Record<string, Figure> {
  if (!stretch) return {};
  const share = `${ofAll * 100} %`;
  const { users, active, rate, lags } = stretch;
  const figure = (name: string, ms: number): Figure => ({
    name: `${share} active: change in Odoo to change in MongoDB, ${name}`,
    value: ms / 1_000,
    unit: 's',
    from: `${numberText(lags.length)} edits of ${numberText(active)} users`,
  });
  return {
    [`users ${share}`]: {
      name: `${share} active: users that two workers follow as they should`,
      value: users,
      unit: 'users',
      from: `${numberText(rate)} tails/s, ${busyText(stretch)}; found by halving`,
    },
    [`p50 ${share}`]: figure('median', quantile(lags, 0.5)),
    [`p95 ${share}`]: figure('95 of 100', quantile(lags, 0.95)),
    [`max ${share}`]: figure('the slowest', Math.max(...lags)),
  };
}

/** Turns are kept for a week, one for each module of each tail. */
function historyFigure({ documents, stored, indexes, plain }: MongoSize): Figure {
  const each = (stored + indexes) / documents;
  const turns = (MODULE_NAMES.length * WEEK_S * 1_000) / DEFAULT_SETTINGS.tailQuietMs;
  return {
    name: 'the history of turns that a quiet user has after a week, on disk with indexes',
    value: (each * turns) / 1_000_000,
    unit: 'MB',
    from: `${numberText(turns)} turns of ${numberText(each)} bytes (${numberText(plain / documents)} without compression)`,
  };
}

const queryText = (query: QueryUse): string =>
  `${query.shape} (${query.count} times; ${query.plans.join(', ')}; at worst ${numberText(query.docs)} documents and ${numberText(query.keys)} keys for ${numberText(query.gave)} given, ${numberText(waste(query))} each; ${numberText(query.slowestMs)} ms at most)`;
