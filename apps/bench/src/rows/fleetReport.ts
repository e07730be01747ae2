import { median, quantile } from '../report/median.js';
import { numberText, samplesText } from '../report/numberText.js';
import type { Figure } from '../report/rowResult.js';
import type { MongoSize } from '../system/mongoSize.js';
import { type QueryUse, waste } from '../system/queryUse.js';
import type { Phase } from './fleetPhase.js';

/** The shares of users that are due in a tick, and that are active. */
export const FEW = 0.01;
export const MANY = 0.1;

/** What ticks took on `FEW` and on `MANY` of the users, in milliseconds. */
export interface TickTimes {
  readonly few: readonly number[];
  readonly many: readonly number[];
  /** Until nobody of the many was due any more, by so many ticks. */
  readonly all: readonly number[];
  readonly ticks: number;
}

export function sizeFigures(
  users: number,
  { plain, stored, indexes, documents }: MongoSize,
  whole: Phase | undefined,
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

export function tickFigures({ few, many, all, ticks }: TickTimes, users: number): Record<string, Figure> {
  const figure = (name: string, times: readonly number[], more = ''): Figure => ({
    name,
    value: median(times),
    unit: 'ms',
    from: `${samplesText(times)} ms${more}`,
  });
  const due = (share: number) => `${numberText(users * share)} of ${numberText(users)} users due`;
  return {
    tickFew: figure(`a tick, ${due(FEW)}`, few),
    tickMany: figure(`a tick, ${due(MANY)}`, many),
    tickAll: figure(
      `until all were handed out, ${due(MANY)}`,
      all,
      `; ${ticks} pages, which one tick of the scheduler goes through while that takes less than half its interval`,
    ),
  };
}

export const tailFigures = ({ users, active, rate, demand, cores }: Phase): Record<string, Figure> => ({
  tails: {
    name: `tails that two workers run for ${numberText(users)} users, ${numberText(active)} of them active`,
    value: rate,
    unit: 'tails/s',
    from: `${numberText(demand)} fall due; ${busyText({ cores, rate })}; a round through all takes ${numberText(users / rate)} s`,
  },
});

/** Everything that runs shares the machine: the simulator too. */
const busyText = ({ cores, rate }: Pick<Phase, 'cores' | 'rate'>): string =>
  `${numberText(cores)} cores busy, ${numberText((cores / rate) * 1_000)} ms of CPU a tail`;

export function followFigures(ofAll: number, phase: Phase | null): Record<string, Figure> {
  if (!phase) return {};
  const share = `${ofAll * 100} %`;
  const { users, active, rate, lags } = phase;
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
      from: `${numberText(rate)} tails/s, ${busyText(phase)}; found by halving`,
    },
    [`p50 ${share}`]: figure('median', quantile(lags, 0.5)),
    [`p95 ${share}`]: figure('95 of 100', quantile(lags, 0.95)),
    [`max ${share}`]: figure('the slowest', Math.max(...lags)),
  };
}

export const historyFigure = ({ documents, stored, indexes, plain }: MongoSize): Figure => ({
  name: 'a turn in the history, on disk with indexes',
  value: (stored + indexes) / documents,
  unit: 'bytes',
  from: `${numberText(plain / documents)} without compression; kept for a week, and only of turns that changed something or met a fault`,
});

export const queryText = (query: QueryUse): string =>
  `${query.shape} (${query.count} times; ${query.plans.join(', ')}; at worst ${numberText(query.docs)} documents and ${numberText(query.keys)} keys for ${numberText(query.gave)} given, ${numberText(waste(query))} each; ${numberText(query.slowestMs)} ms at most)`;
