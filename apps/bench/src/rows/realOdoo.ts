import { isModuleName, MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import { type Bench, inTurns, type Measured, type Row } from '../bench.js';
import { recordsPerSecond, runBareLoops } from '../load/bareLoop.js';
import type { BareWindow } from '../load/readWindow.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import { odooText } from '../system/days.js';
import type { Fleet } from '../system/fleet.js';
import { profileArgs, profileFolder, tellProfile } from '../system/profile.js';
import { type RealOdoo, readyRealOdoo } from '../system/realOdoo.js';
import { type Servers, withServers } from '../system/servers.js';
import { mirroredFields } from './contactsOfSimulator.js';
import { DAYS, syncWhole } from './wholeSync.js';

const SIZES = { contacts: 20_000, rounds: 3 };
const QUICK = { contacts: 2_000, rounds: 1 };
const PAGES = { pageStart: 200, pageMost: 1_000 };
const USER = 'real';

export const realOdoo: Row = {
  name: 'real-odoo',
  how: `A real Odoo 19 with ${numberText(SIZES.contacts)} contacts and its demo data, four modules of ${DAYS} days, one scheduler and one worker as shipped, real Redis and MongoDB. Records a second over the windows that hold records, each from the end of the turn before it; the empty windows stand in a line of their own. Reference: the same windows read over JSON-2 with the same HTTP client, fields and growing pages, one request at a time, nothing decoded or stored.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

interface ModuleWindows {
  readonly model: string;
  readonly baseDomain: readonly unknown[];
  readonly fields: readonly string[];
  readonly windows: readonly BareWindow[];
}

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const odoo = await readyRealOdoo(bench.env, size.contacts);
  const engine = (nodeArgs: readonly string[] = []) => syncWhole(servers, odoo, windowsThatHold, nodeArgs);
  const first = await engine();
  bench.say(`uncounted first sync: ${numberText(first.rate)} records/s`);
  const { reference: bare, engine: own } = await inTurns(
    size.rounds,
    () => bareRead(odoo, first.seen),
    async (round) => {
      const done = await engine();
      bench.say(`round ${round}: ${numberText(done.rate)} records/s`);
      return done;
    },
  );
  if (bench.profile) {
    const folder = await profileFolder();
    await engine(profileArgs(folder));
    await tellProfile(folder, bench.say);
  }
  const rates = { bare: bare.map(({ rate }) => rate), engine: own.map(({ rate }) => rate) };
  const [ofBare, ofEngine] = [median(rates.bare), median(rates.engine)];
  return {
    figures: {
      ratio: {
        name: 'whole sync / bare read, windows that hold records',
        value: ofEngine / ofBare,
        unit: '×',
        goal: { least: 0.95 },
        from: `engine ${numberText(ofEngine)} records/s, bare read ${numberText(ofBare)}`,
      },
      empty: {
        name: 'its empty windows',
        value: median(own.map(({ emptyRate }) => emptyRate)),
        unit: 'windows/s',
        from: `${median(own.map(({ emptyTurns }) => emptyTurns))} of them by a job`,
      },
    },
    notes: `${numberText(own[0]?.records ?? 0)} records by the engine, ${numberText(bare[0]?.records ?? 0)} by the bare read. Engine ${samplesText(rates.engine)}, bare read ${samplesText(rates.bare)} records/s. Whole sync ${samplesText(own.map(({ ms }) => ms / 1_000))} s.`,
  };
}

/** The windows in which the engine found records, and the fields it asked for. */
async function windowsThatHold(fleet: Fleet): Promise<readonly ModuleWindows[]> {
  const held = await fleet.db
    .collection<{ module: string; startTime: Date; endTime: Date }>('odoosyncbatches')
    .find({ 'counts.read': { $gt: 0 } })
    .sort({ startTime: 1 })
    .toArray();
  const all: ModuleWindows[] = [];
  for (const name of MODULE_NAMES) {
    const windows = held
      .filter(({ module }) => isModuleName(module) && module === name)
      .map(({ startTime, endTime }) => ({ start: odooText(startTime), end: odooText(endTime) }));
    if (windows.length === 0) continue;
    const { model, baseDomain } = moduleOf(name);
    all.push({ model, baseDomain, fields: await mirroredFields(fleet, USER, name), windows });
  }
  return all;
}

/** Module after module: one request at a time. */
async function bareRead({ url, db, apiKey }: RealOdoo, modules: readonly ModuleWindows[]) {
  let records = 0;
  let ms = 0;
  for (const { windows, ...module } of modules) {
    const source = { url, db, apiKey, ...module, ...PAGES };
    const result = await runBareLoops([{ mongodbUrl: null, lanes: [{ source, windows }] }]);
    records += result.records;
    ms += (result.records / recordsPerSecond(result)) * 1_000;
  }
  return { records, rate: (records / ms) * 1_000 };
}
