import { type Bench, type Measured, type Row, SkippedRow } from './bench.js';
import { numberText } from './report/numberText.js';
import { isMet, type RowResult } from './report/rowResult.js';
import { readMachine } from './system/machine.js';

/** Runs a row, and tells what it gave. A row that can't be run here is a result too. */
export async function runRow(row: Row, bench: Bench): Promise<RowResult> {
  const began = performance.now();
  const { say } = bench;
  say(`\n${row.name}`);
  const measured: Measured & { readonly skipped?: string } = await row
    .run({ ...bench, say: (line) => say(`  ${line}`) })
    .catch((error: unknown) => {
      if (!(error instanceof SkippedRow)) throw error;
      return { figures: {}, notes: '', skipped: error.message };
    });
  for (const figure of Object.values(measured.figures)) {
    const verdict = { true: '  (goal met)', false: '  (GOAL NOT MET)', undefined: '' }[`${isMet(figure)}`];
    say(`  ${figure.name}: ${numberText(figure.value)} ${figure.unit}${verdict}  ${figure.from}`);
  }
  if (measured.skipped) say(`  skipped: ${measured.skipped}`);
  if (measured.notes) say(`  ${measured.notes}`);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  say(`  took ${seconds} s`);
  return {
    row: row.name,
    ...measured,
    how: row.how,
    at: new Date().toISOString(),
    seconds,
    machine: await readMachine(),
  };
}
