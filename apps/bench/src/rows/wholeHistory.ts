import type { DatabaseSpec, ModelName } from '@odoo-sync/simulator';
import { type Bench, inTurns, type Measured, type Row } from '../bench.js';
import { median } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import { simulatedUser, startFleet } from '../system/fleet.js';
import { untilTrue } from '../system/progress.js';
import { type Servers, withServers } from '../system/servers.js';
import { startSimulatorProcess } from '../system/simulator.js';
import { turnsOf } from '../system/turns.js';

const MODELS: readonly ModelName[] = ['res.partner', 'sale.order', 'account.move', 'hr.employee'];
const YEAR = 365;
const SIZES = { years: 10, windows: 300, perWindow: 20, rounds: 3 };
const QUICK = { years: 2, windows: 40, perWindow: 20, rounds: 1 };
const MOST_LONGER_S = 1;
const LIMIT_MS = 240_000;
const LOOK_MS = 500;

export const wholeHistory: Row = {
  name: 'whole-history',
  how: `A user who is mirrored whole (\`INITIAL_SYNC_RANGE_DAYS=all\`): ${SIZES.years} years of four modules, of which ${SIZES.windows} windows hold ${SIZES.perWindow} records each. Reference: a user who has those ${SIZES.windows} windows and no day beside them. One worker as shipped; from the first lane taken to the last given back, by when every window was read or sealed.`,
  run: (bench) => withServers((servers) => measure(bench, servers)),
};

async function measure(bench: Bench, servers: Servers): Promise<Measured> {
  const size = bench.quick ? QUICK : SIZES;
  const windowsEach = size.windows / MODELS.length;
  const company = (name: string, days: number): DatabaseSpec => {
    const model = { count: windowsEach * size.perWindow, days, activeDays: windowsEach };
    return { name, seed: 31, models: Object.fromEntries(MODELS.map((one) => [one, model])) };
  };
  const simulator = await startSimulatorProcess([
    company('old', size.years * YEAR),
    company('young', windowsEach),
  ]);
  servers.onClose(simulator.end);
  const run = async (db: string) => {
    const done = await mirrorWhole(servers, simulator.url, db);
    bench.say(
      `${db}: ${numberText(done.ms)} ms for ${done.windows} windows, ${done.turns} of them by a turn`,
    );
    return done;
  };
  await run('young');
  const { reference: young, engine: old } = await inTurns(
    size.rounds,
    () => run('young'),
    () => run('old'),
  );
  const seconds = (runs: readonly { readonly ms: number }[]) => runs.map(({ ms }) => ms / 1_000);
  const [ofYoung, ofOld] = [median(seconds(young)), median(seconds(old))];
  return {
    figures: {
      longer: {
        name: `${size.years} years with ${size.windows} windows take longer than those alone`,
        value: ofOld - ofYoung,
        unit: 's',
        goal: { most: MOST_LONGER_S },
        from: `${numberText(old[0]?.windows ?? 0)} windows in ${numberText(ofOld)} s, ${numberText(young[0]?.windows ?? 0)} in ${numberText(ofYoung)} s`,
      },
    },
    notes: `Whole history ${samplesText(seconds(old))} s by ${old[0]?.turns} turns, the windows alone ${samplesText(seconds(young))} s by ${young[0]?.turns}.`,
  };
}

/** Mirrors all that a simulated company ever wrote. */
async function mirrorWhole(servers: Servers, url: string, db: string) {
  const fleet = await startFleet(servers, { workers: 1, settings: { INITIAL_SYNC_RANGE_DAYS: 'all' } });
  await fleet.addUser(simulatedUser(url, db));
  let windows = 0;
  await untilTrue(
    'every window is read or sealed',
    async () => {
      const { modules } = (await fleet.store.report(db)) ?? { modules: [] };
      windows = modules.reduce((sum, one) => sum + one.windows.total, 0);
      return modules.every((one) => one.windows.total > 0 && one.windows.done === one.windows.total);
    },
    LIMIT_MS,
    LOOK_MS,
  );
  const turns = (await turnsOf(fleet.db)).filter(({ kind }) => kind !== 'tail');
  await fleet.forget();
  const ms =
    Math.max(...turns.map(({ endedAt }) => endedAt.getTime())) -
    Math.min(...turns.map(({ takenAt }) => takenAt.getTime()));
  return { ms, windows, turns: turns.length };
}
