import type { Bench, Measured, Row } from '../bench.js';
import { fillUsers, makeBackfillDue } from '../load/fillUsers.js';
import { makeTemplateUser, type UserDocuments } from '../load/templateUser.js';
import { openTickWorld } from '../load/tickWorld.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import { countMongoOps } from '../system/mongoOps.js';
import { profileHere } from '../system/profile.js';
import { type Servers, withServers } from '../system/servers.js';

const SIZES = { few: 10_000, many: 100_000, due: 100, rounds: 7 };
const QUICK = { few: 1_000, many: 5_000, due: 20, rounds: 2 };
const MOST_MS = 200;

export const tickRow: Row = {
  name: 'tick',
  how: `One tick of the scheduler in this process, on real servers: ${numberText(SIZES.few)} users of whom ${SIZES.due} (1 %) are due, in turns with ${numberText(SIZES.many)} users of whom as many are due, and with ${SIZES.due * 10} due (of whom one tick takes 256, the next tick the others). Each due user is in the middle of its backfill, with some 90 windows of four modules in the ledger, and is handed out one.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const template = await makeTemplateUser(servers);
  const few = await openWorld(servers, template, 'few', size.few, size.due);
  bench.say(`${size.few} users are there`);
  const many = await openWorld(servers, template, 'many', size.many, size.due * 10);
  bench.say(`${size.many} users are there`);
  const crowd = many.keys;
  const times = { few: [] as number[], many: [] as number[], crowd: [] as number[] };
  await few.ticked(few.keys);
  await many.ticked(crowd.slice(0, size.due));
  for (let round = 0; round < size.rounds; round++) {
    times.few.push(await few.ticked(few.keys));
    times.many.push(await many.ticked(crowd.slice(0, size.due)));
    times.crowd.push(await many.ticked(crowd));
  }
  const counted = await countMongoOps(servers.client);
  await few.ticked(few.keys);
  const ops = Object.entries(await counted()).map(
    ([name, count]) => `${name} ${numberText(count / size.due)}`,
  );
  if (bench.profile) {
    await profileHere(async () => {
      for (let round = 0; round < size.rounds; round++) await few.ticked(few.keys);
    }, bench.say);
  }
  const [ofFew, ofMany, ofCrowd] = [times.few, times.many, times.crowd].map(median) as [
    number,
    number,
    number,
  ];
  return {
    figures: {
      few: {
        name: `a tick, ${size.due} of ${numberText(size.few)} users due`,
        value: ofFew,
        unit: 'ms',
        goal: { most: MOST_MS },
        from: `${samplesText(times.few)} ms`,
      },
      many: {
        name: `${size.due} of ${numberText(size.many)} due / ${size.due} of ${numberText(size.few)} due`,
        value: ofMany / ofFew,
        unit: '×',
        goal: { most: 2 },
        from: `${numberText(ofMany)} ms; ${samplesText(times.many)}`,
      },
      crowd: {
        name: `a tick, ${numberText(size.due * 10)} of ${numberText(size.many)} due`,
        value: ofCrowd,
        unit: 'ms',
        from: `${samplesText(times.crowd)} ms`,
      },
    },
    notes: `MongoDB's operations for a due user: ${ops.join(', ')}.`,
  };
}

/** Users of whom the first `due` are in the middle of their backfills. */
async function openWorld(
  servers: Servers,
  template: UserDocuments,
  name: string,
  users: number,
  due: number,
) {
  const world = await openTickWorld(servers, name, makeBackfillDue);
  const keys = await fillUsers(world.db, template, users, due);
  return { keys, ticked: async (among: readonly string[]) => (await world.ticked(among)).firstMs };
}
