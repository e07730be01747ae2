import { MODULE_NAMES, moduleOf } from '@odoo-sync/core';
import type { Bench, Measured, Row } from '../bench.js';
import type { CronModel, CronResult, CronWork } from '../cron/odooAwaitMain.js';
import { median } from '../report/median.js';
import { numberText } from '../report/numberText.js';
import { midnight, odooText } from '../system/days.js';
import type { Fleet } from '../system/fleet.js';
import { type RealOdoo, readyRealOdoo } from '../system/realOdoo.js';
import { type Servers, withServers } from '../system/servers.js';
import { runToEnd } from '../system/startProgram.js';
import { mirroredFields } from './contactsOfSimulator.js';
import { DAYS, syncWhole, type WholeSync } from './wholeSync.js';

const SIZES = { contacts: 20_000, rounds: 2 };
const QUICK = { contacts: 2_000, rounds: 1 };
const PAGES = [200, 1_000] as const;
const SCRIPT_LIMIT_MS = 300_000;

export const odooAwait: Row = {
  name: 'odoo-await',
  how: `The same whole sync as in \`real-odoo\`, empty windows included, from the first lane taken until every window was read or sealed, against a script on the npm package \`odoo-await\` (XML-RPC) as it is written for a cron job: the same models, days and fields, pages of ${PAGES.map(numberText).join(' or ')} in id order, \`replaceOne\` upserts by \`bulkWrite\` under a unique index. CPU: of the script's process; of the engine's worker and scheduler.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const odoo = await readyRealOdoo(bench.env, size.contacts);
  const { seen: models } = await syncWhole(servers, odoo, cronModels);
  const runs: { engine: WholeSync; scripts: CronResult[] }[] = [];
  for (let round = 1; round <= size.rounds; round++) {
    const scripts: CronResult[] = [];
    for (const page of PAGES) {
      const done = await runScript(servers, odoo, models, page);
      scripts.push(done);
      bench.say(
        `odoo-await, pages of ${page}: ${numberText(done.records)} records in ${numberText(done.ms / 1_000)} s`,
      );
    }
    const engine = await syncWhole(servers, odoo, async () => {});
    bench.say(`engine: ${numberText(engine.records)} records in ${numberText(engine.ms / 1_000)} s`);
    runs.push({ engine, scripts });
  }
  const mid = (pick: (run: (typeof runs)[0]) => number) => median(runs.map(pick));
  const engine = { ms: mid((run) => run.engine.ms), cpuMs: mid((run) => run.engine.cpuMs) };
  const rates = {
    engine: mid((run) => run.engine.rate),
    script: mid(({ scripts: [one] }) => ((one?.records ?? 0) / (one?.ms ?? 1)) * 1_000),
  };
  const scripts = PAGES.map((_, n) => ({
    ms: mid((run) => run.scripts[n]?.ms ?? 0),
    cpuMs: mid((run) => run.scripts[n]?.cpuMs ?? 0),
  }));
  const seconds = (ms: number) => `${numberText(ms / 1_000)} s`;
  const [small, large] = scripts as [(typeof scripts)[0], (typeof scripts)[0]];
  return {
    figures: {
      speed: {
        name: `times as fast as odoo-await, pages of ${PAGES[0]}`,
        value: small.ms / engine.ms,
        unit: '×',
        goal: { least: 4 },
        from: `engine ${seconds(engine.ms)}, odoo-await ${seconds(small.ms)}`,
      },
      cpu: {
        name: `client's CPU / odoo-await's, pages of ${PAGES[0]}`,
        value: engine.cpuMs / small.cpuMs,
        unit: '×',
        goal: { most: 0.2 },
        from: `engine ${seconds(engine.cpuMs)}, odoo-await ${seconds(small.cpuMs)}`,
      },
      rate: {
        name: `the same over the windows that hold records`,
        value: rates.engine / rates.script,
        unit: '×',
        from: `engine ${numberText(rates.engine)} records/s, odoo-await ${numberText(rates.script)}`,
      },
      speedLarge: {
        name: `times as fast as odoo-await, pages of ${numberText(PAGES[1])}`,
        value: large.ms / engine.ms,
        unit: '×',
        from: `odoo-await ${seconds(large.ms)}`,
      },
      cpuLarge: {
        name: `client's CPU / odoo-await's, pages of ${numberText(PAGES[1])}`,
        value: engine.cpuMs / large.cpuMs,
        unit: '×',
        from: `odoo-await ${seconds(large.cpuMs)}`,
      },
    },
    notes: '',
  };
}

/** What the script has to read so that it reads what the engine did. */
async function cronModels(fleet: Fleet): Promise<readonly CronModel[]> {
  const from = ['write_date', '>=', odooText(midnight(DAYS))];
  return Promise.all(
    MODULE_NAMES.map(async (name) => {
      const { model, collection, baseDomain } = moduleOf(name);
      return {
        model,
        collection,
        domain: [...baseDomain, from],
        fields: await mirroredFields(fleet, 'real', name),
      };
    }),
  );
}

async function runScript(
  servers: Servers,
  odoo: RealOdoo,
  models: readonly CronModel[],
  page: number,
): Promise<CronResult> {
  const database = `cron_${page}`;
  const work: CronWork = { ...odoo, models, page, mongodbUrl: servers.mongodbUrl(database) };
  const result = await runToEnd(
    'apps/bench/dist/cron/odooAwaitMain.js',
    [JSON.stringify(work)],
    SCRIPT_LIMIT_MS,
  );
  await servers.client.db(database).dropDatabase();
  return result as unknown as CronResult;
}
