import { MODULE_NAMES, type ModuleReport, type UserReport } from '@odoo-sync/core';
import { MultiBar, type SingleBar } from 'cli-progress';
import { type InFlightRecords, moduleKey } from './inFlight.js';

/** Shows how far the mirror is: bars on a terminal, a plain line every few seconds elsewhere. */
export interface ProgressView {
  show(reports: readonly UserReport[], inFlight: InFlightRecords, elapsedMs: number): void;
  stop(): void;
}

export interface Totals {
  readonly done: number;
  readonly windows: number;
  /** Of these, found empty by a survey: they took no time. */
  readonly empty: number;
  readonly records: number;
  readonly surveyed: number;
}

const LINE_EVERY_MS = 3_000;

/** Sums over users and modules; records count as soon as they are read. */
export function totalsOf(reports: readonly UserReport[], inFlight: InFlightRecords): Totals {
  const modules = reports.flatMap((report) => report.modules);
  const sum = (pick: (module: ModuleReport) => number) =>
    modules.reduce((total, module) => total + pick(module), 0);
  return {
    done: sum(({ windows }) => windows.done),
    windows: sum(({ windows }) => windows.total),
    empty: sum(({ windows }) => windows.empty),
    records: [...inFlight.values()].reduce(
      (total, records) => total + records,
      sum(({ recordsRead }) => recordsRead),
    ),
    surveyed: sum(({ surveyed }) => surveyed ?? 0),
  };
}

/** An empty window takes about as long as so many records. */
const RECORDS_PER_WINDOW = 200;

/** What is left at the pace so far, counting windows and the records in them. */
export function timeLeft({ done, windows, empty, records, surveyed }: Totals, elapsedMs: number): string {
  const worked = done - empty + records / RECORDS_PER_WINDOW;
  if (worked === 0 || windows === 0) return '?';
  const left = windows - done + Math.max(0, surveyed - records) / RECORDS_PER_WINDOW;
  return `${Math.ceil((left / worked) * (elapsedMs / 1_000))} s`;
}

const perSecond = (count: number, elapsedMs: number): number =>
  Math.round(count / Math.max(0.001, elapsedMs / 1_000));

/** @param terminal whether bars can be drawn. */
export function createProgressView(terminal: boolean, write: (line: string) => void): ProgressView {
  return terminal ? createBars() : createLines(write);
}

function createLines(write: (line: string) => void): ProgressView {
  let last = Number.NEGATIVE_INFINITY;
  return {
    show(reports, inFlight, elapsedMs) {
      if (elapsedMs - last < LINE_EVERY_MS) return;
      last = elapsedMs;
      const totals = totalsOf(reports, inFlight);
      const rate = perSecond(totals.records, elapsedMs);
      write(
        `${Math.round(elapsedMs / 1_000)} s: windows ${totals.done}/${totals.windows}, records ${totals.records}/${totals.surveyed}, ${rate} records/s, left ${timeLeft(totals, elapsedMs)}`,
      );
    },
    stop() {},
  };
}

function createBars(): ProgressView {
  const bars = new MultiBar({
    format: '{label} {bar} {value}/{total} windows  {records} records  {state}',
    hideCursor: true,
    barsize: 24,
    clearOnComplete: false,
  });
  const known = new Map<string, SingleBar>();
  const bar = (label: string): SingleBar => {
    const found = known.get(label) ?? bars.create(1, 0, { label: label.padEnd(24), records: 0, state: '' });
    known.set(label, found);
    return found;
  };
  return {
    show(reports, inFlight, elapsedMs) {
      for (const { user, modules } of reports) {
        for (const name of MODULE_NAMES) {
          const module = modules.find((one) => one.module === name);
          if (!module) continue;
          const one = bar(`${user.userKey} ${name}`);
          one.setTotal(Math.max(1, module.windows.total));
          const read = module.recordsRead + (inFlight.get(moduleKey(user.userKey, name)) ?? 0);
          const records = `${read}/${module.surveyed ?? '?'}`;
          one.update(module.windows.done, { records, state: module.state.replace('_', ' ') });
        }
      }
      const totals = totalsOf(reports, inFlight);
      const all = bar('all');
      all.setTotal(Math.max(1, totals.windows));
      const state = `${perSecond(totals.records, elapsedMs)} records/s, left ${timeLeft(totals, elapsedMs)}`;
      all.update(totals.done, { records: `${totals.records}/${totals.surveyed}`, state });
    },
    stop: () => bars.stop(),
  };
}
