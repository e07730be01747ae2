import { MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import type { DatabaseSpec } from '@odoo-sync/simulator';
import type { Bench, Measured, Row } from '../bench.js';
import { exerciseFleet, newcomerDatabase } from '../load/exerciseFleet.js';
import { fillUsers, makeSealDue, sealLater } from '../load/fillUsers.js';
import { type FilledLedger, QUIET, quieten } from '../load/followedFleet.js';
import { makeTemplateUser } from '../load/templateUser.js';
import { openTickWorld, type TickWorld } from '../load/tickWorld.js';
import { numberText } from '../report/numberText.js';
import type { Figure } from '../report/rowResult.js';
import { mongoSize } from '../system/mongoSize.js';
import { profileQueries, scans } from '../system/queryUse.js';
import { type Servers, withServers } from '../system/servers.js';
import { startSimulatorProcess } from '../system/simulator.js';
import { demandOf, type Phase, phaseText, runPhase } from './fleetPhase.js';
import {
  FEW,
  followFigures,
  historyFigure,
  MANY,
  queryText,
  sizeFigures,
  type TickTimes,
  tailFigures,
  tickFigures,
} from './fleetReport.js';

const DATABASE = 'fleet';
/** A record of each module for each edit that may come. */
const RECORDS = 5;
const SIZES = {
  users: 10_000,
  days: 90,
  rounds: 5,
  shares: [FEW, MANY],
  firstWarmSeconds: 90,
  warmSeconds: 90,
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
const LIMIT_S = 1_200;
const WORST = 10;

export const fleetRow: Row = {
  name: 'fleet',
  how: `A ledger of ${numberText(SIZES.users)} users of four modules and 91 windows each, all caught up, each window a document of its own: the worst case, since a survey joins windows that hold nothing into one. Size: what each user takes in MongoDB (without the history of turns) and, with the delayed job of its next tail, in Redis. Tick: in this process as in \`tick\`, 1 % or 10 % of the users due for a seal, of whom a tick hands out 256. Then a scheduler and two workers as shipped follow all of them, 1 % active (each Odoo a simulated one of its own, whose records are edited), the others quiet (a simulated Odoo that holds nothing), for a round and a half of the quiet ones, so that each worker has a session with most of them, and then for a minute that counts; where they don't keep up (more than one tail of 100 is over 5 s late), half as many, until they do, and the same with 10 % active. From the answer to an edit to its event in a change stream of the mirror. At last every page, command and turn is asked for once with MongoDB's profiler on.`,
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
  const phases: Phase[] = [];
  const run = async (users: number, active: number): Promise<Phase | null> => {
    if ((performance.now() - began) / 1_000 > LIMIT_S) return null;
    const warmSeconds = phases.length === 0 ? size.firstWarmSeconds : size.warmSeconds;
    const phase = await runPhase(servers, ledger, { users, active, warmSeconds, seconds: size.seconds });
    phases.push(phase);
    bench.say(phaseText(phase));
    return phase;
  };
  const followed: Record<string, Figure> = {};
  for (const share of size.shares)
    Object.assign(followed, followFigures(share, await findSustained(size.users, share, phases, run)));
  const history = await mongoSize(world.db, /^odoosyncturns$/);
  const stop = await profileQueries(world.db);
  const answers = await exerciseFleet(servers, ledger, { users: size.asked, active: 2 });
  const queries = await stop();
  for (const query of queries.slice(0, WORST)) bench.say(queryText(query));
  const [whole] = phases;
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
    notes: `${phases.map((one) => `${phaseText(one)}.`).join(' ')} Whole collections are read by: ${queries.filter(scans).map(queryText).join('; ') || 'nothing'}. Of the others, most documents for each one given: ${queries
      .filter((query) => !scans(query))
      .slice(0, 3)
      .map(queryText)
      .join('; ')}.`,
  };
}

/** Ticks on 1 % and on 10 % of the users. */
async function measureTicks(
  { db, ticked }: TickWorld,
  keys: readonly string[],
  { users, rounds }: Size,
): Promise<TickTimes> {
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
 * Halves the users until they are followed as they should be. What a phase showed that the fleet can't do is left out.
 * @param run null when there is no time left.
 */
async function findSustained(
  all: number,
  share: number,
  phases: readonly Phase[],
  run: (users: number, active: number) => Promise<Phase | null>,
): Promise<Phase | null> {
  for (let users = all; users >= 1 / share; users = Math.floor(users / 2)) {
    const active = Math.round(users * share);
    const most = Math.min(...phases.filter(({ sustained }) => !sustained).map(({ rate }) => rate));
    if (demandOf(users, active) > most) continue;
    const phase = await run(users, active);
    if (!phase || phase.sustained) return phase;
  }
  return null;
}
