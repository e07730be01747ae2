import type { ModuleComparison } from '@odoo-sync/compare';
import type { ModuleReport, User } from '@odoo-sync/core';
import Table from 'cli-table3';

export interface SummaryRow {
  readonly user: User;
  readonly report: ModuleReport;
  readonly comparison: ModuleComparison;
  readonly seconds: number;
}

/** The closing table: for each user and module what the source holds, what the store holds, and what it took. */
export function renderSummary(rows: readonly SummaryRow[]): string {
  const table = new Table({
    head: ['user', 'module', 'source', 'store', 'differences', 'windows', 'pages', 'retries', 'seconds'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { user, report, comparison, seconds } of rows) {
    table.push([
      user.userKey,
      report.module,
      comparison.source,
      comparison.store,
      comparison.differences,
      `${report.windows.done}/${report.windows.total}`,
      report.pages,
      report.retries,
      seconds.toFixed(1),
    ]);
  }
  const sum = (pick: (row: SummaryRow) => number) => rows.reduce((total, row) => total + pick(row), 0);
  table.push([
    'all',
    '',
    sum((row) => row.comparison.source),
    sum((row) => row.comparison.store),
    sum((row) => row.comparison.differences),
    `${sum((row) => row.report.windows.done)}/${sum((row) => row.report.windows.total)}`,
    sum((row) => row.report.pages),
    sum((row) => row.report.retries),
    Math.max(0, ...rows.map((row) => row.seconds)).toFixed(1),
  ]);
  return table.toString();
}
