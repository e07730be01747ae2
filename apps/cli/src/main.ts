import { runMain } from '@odoo-sync/runtime';
import { CommanderError } from 'commander';
import { createProgram } from './program.js';

const EXIT_USAGE = 64;

await runMain('odoo-sync', async ({ stopping, onClose, finish }) => {
  let exitCode = 0;
  const program = createProgram({
    env: process.env,
    stop: stopping,
    write: (text) => process.stdout.write(`${text}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    terminal: process.stdout.isTTY === true,
    exitWith: (code) => {
      exitCode = code;
    },
  });
  const ran = program.parseAsync(process.argv).catch((error: unknown) => {
    // commander has told already what was wrong, or shown the help that was asked for.
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  });
  // A command that a signal interrupts still closes what it opened.
  onClose('the command', () => ran.catch(() => {}));
  await ran;
  finish(exitCode);
});
