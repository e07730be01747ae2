import { runMain } from '@odoo-sync/runtime';
import { readArgs } from './args.js';
import { keepResult, writePage } from './report/keepResults.js';
import { ROWS } from './rows.js';
import { runRow } from './runRow.js';

const EXIT_USAGE = 64;

await runMain('odoo-sync-bench', async ({ finish, stopping }) => {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const names = ROWS.map(({ name }) => name);
  let args: ReturnType<typeof readArgs>;
  try {
    args = readArgs(process.argv.slice(2), names);
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
    return finish(EXIT_USAGE);
  }
  const { quick, profile } = args;
  let failed = 0;
  for (const row of ROWS.filter(({ name }) => args.rows.includes(name))) {
    if (stopping.aborted) break;
    const result = await runRow(row, { quick, profile, env: process.env, say }).catch((error: unknown) => {
      say(`${row.name}: failed: ${error instanceof Error ? error.stack : error}`);
      failed++;
      return null;
    });
    if (result && !quick) await keepResult(result);
  }
  if (!quick) {
    const missing = await writePage(names);
    say(missing.length === 0 ? 'docs/bench.md is written' : `docs/bench.md waits for: ${missing.join(', ')}`);
  }
  finish(failed === 0 ? 0 : 1);
});
