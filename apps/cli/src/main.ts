import { plainLines } from '@odoo-sync/core';
import { EXIT, runMain, textOf } from '@odoo-sync/runtime';
import { CommanderError } from 'commander';
import { flushed } from './flushed.js';
import { createProgram, exitCodeOfCommand } from './program.js';

/** What stands in a ledger may be of an Odoo, or of an engine that let more through: none of it moves the cursor. */
const shown = (text: string): string => plainLines(text, Number.MAX_SAFE_INTEGER);

await runMain('odoo-sync', async ({ stopping, onClose, finish }) => {
  let exitCode: number = EXIT.done;
  onClose('standard output', () => flushed(process.stdout));
  const program = createProgram({
    env: process.env,
    stop: stopping,
    write: (text) => process.stdout.write(`${shown(text)}\n`),
    note: (text) => process.stderr.write(`${shown(text)}\n`),
    terminal: process.stdout.isTTY === true,
    exitWith: (code) => {
      exitCode = code;
    },
  });
  const ran = program.parseAsync(process.argv).catch((error: unknown) => {
    // A command that Ctrl-C ended fails because it was told to.
    if (stopping.aborted) return;
    // commander has told already what was wrong.
    if (!(error instanceof CommanderError)) process.stderr.write(`odoo-sync: ${textOf(error)}\n`);
    exitCode = exitCodeOfCommand(error);
  });
  // A command that a signal interrupts still closes what it opened.
  onClose('the command', () => ran);
  await ran;
  finish(exitCode);
});
