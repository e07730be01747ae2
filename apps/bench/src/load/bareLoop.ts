import { startProgram } from '../system/startProgram.js';
import type { BareLoopResult, BareLoopWork } from './bareLoopMain.js';

/** Runs bare loops, each piece of work in a process of its own, all at once. */
export async function runBareLoops(works: readonly BareLoopWork[]): Promise<BareLoopResult> {
  const main = 'apps/bench/dist/load/bareLoopMain.js';
  const programs = await Promise.all(works.map((work) => startProgram(main, {}, [JSON.stringify(work)])));
  const lines = await Promise.all(programs.map((program) => program.ask('go')));
  const results = lines.map((line) => JSON.parse(line) as BareLoopResult);
  await Promise.all(programs.map((program) => program.end()));
  const sum = (pick: (result: BareLoopResult) => number) => results.reduce((n, one) => n + pick(one), 0);
  return {
    records: sum(({ records }) => records),
    pages: sum(({ pages }) => pages),
    startedAt: Math.min(...results.map(({ startedAt }) => startedAt)),
    endedAt: Math.max(...results.map(({ endedAt }) => endedAt)),
    cpuMs: sum(({ cpuMs }) => cpuMs),
  };
}

export const recordsPerSecond = ({ records, startedAt, endedAt }: BareLoopResult): number =>
  (records / (endedAt - startedAt)) * 1_000;
