import { type Fleet, startFleet } from '../system/fleet.js';
import { startCpuMeter } from '../system/procfs.js';
import { untilTrue, windowsDone } from '../system/progress.js';
import type { RealOdoo } from '../system/realOdoo.js';
import type { Servers } from '../system/servers.js';
import { heldWindows, type Turn, turnsOf } from '../system/turns.js';

const USER = 'real';
export const DAYS = 90;
const WINDOWS = 4 * (DAYS + 1);
const LIMIT_MS = 300_000;

/** A whole sync of a real Odoo by one scheduler and one worker as shipped, into an empty database. */
export interface WholeSync {
  /** From the first lane taken until every window was read or sealed, in milliseconds. */
  readonly ms: number;
  /** CPU of the engine's own processes, in milliseconds. */
  readonly cpuMs: number;
  readonly records: number;
  /** Records of windows that hold some, a second. */
  readonly rate: number;
  /** Empty windows a second. */
  readonly emptyRate: number;
  readonly emptyTurns: number;
}

/** @param look is shown the fleet before it ends. */
export async function syncWhole<T>(
  servers: Servers,
  odoo: RealOdoo,
  look: (fleet: Fleet, turns: readonly Turn[]) => Promise<T>,
  nodeArgs: readonly string[] = [],
): Promise<WholeSync & { readonly seen: T }> {
  const fleet = await startFleet(servers, {
    workers: 1,
    settings: { INITIAL_SYNC_RANGE_DAYS: String(DAYS) },
    nodeArgs,
  });
  const meter = await startCpuMeter({ engine: [...fleet.workers, fleet.scheduler].map(({ pid }) => pid) });
  await fleet.addUser({ userId: USER, ...odoo });
  await untilTrue(
    'every window is read or sealed',
    async () => (await windowsDone(fleet.db)) >= WINDOWS,
    LIMIT_MS,
    100,
  );
  const ended = (await fleet.store.now()).getTime();
  const { engine: cpuMs } = await meter();
  const turns = await turnsOf(fleet.db);
  const seen = await look(fleet, turns);
  await fleet.forget();
  const ms = ended - Math.min(...turns.map(({ takenAt }) => takenAt.getTime()));
  const held = heldWindows(turns);
  const withRecords = turns.filter(({ kind, counts }) => kind !== 'tail' && (counts?.read ?? 0) > 0).length;
  return {
    ms,
    cpuMs,
    records: held.records,
    rate: (held.records / held.ms) * 1_000,
    emptyRate: ((WINDOWS - withRecords) / (ms - held.ms)) * 1_000,
    emptyTurns: turns.filter(({ kind, counts }) => kind !== 'tail' && counts?.read === 0).length,
    seen,
  };
}
