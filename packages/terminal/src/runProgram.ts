import { plainLines } from '@odoo-sync/core';
import { EXIT, exitCodeOf, runMain, textOf } from '@odoo-sync/runtime';
import { type Command, CommanderError } from 'commander';
import { flushed } from './flushed.js';
import type { ProgramContext } from './programContext.js';

/** What is shown may be of an Odoo, or of an engine that let more through: none of it moves the cursor. */
const shown = (text: string): string => plainLines(text, Number.MAX_SAFE_INTEGER);

/**
 * Runs a process that reads a command line: builds its program, and ends with the code that the command or its error asks
 * for. An error is told on standard error.
 */
export function runProgram(
  name: string,
  { argv, env, stdout, stderr }: Pick<NodeJS.Process, 'argv' | 'env' | 'stdout' | 'stderr'>,
  createProgram: (context: ProgramContext) => Command,
): Promise<void> {
  return runMain(name, async ({ stopping, onClose, finish }) => {
    let exitCode: number = EXIT.done;
    onClose('standard output', () => flushed(stdout));
    const context: ProgramContext = {
      env,
      stop: stopping,
      write: (text) => stdout.write(`${shown(text)}\n`),
      note: (text) => stderr.write(`${shown(text)}\n`),
      terminal: stdout.isTTY === true,
      exitWith: (code) => {
        exitCode = code;
      },
    };
    const ran = createProgram(context)
      .parseAsync(argv)
      .catch((error: unknown) => {
        // A command that Ctrl-C ended fails because it was told to.
        if (stopping.aborted) return;
        // commander has told already what was wrong.
        if (!(error instanceof CommanderError)) stderr.write(`${name}: ${textOf(error)}\n`);
        exitCode = exitCodeOfCommand(error);
      });
    // A command that a signal interrupts still closes what it opened.
    onClose('the command', () => ran);
    await ran;
    finish(exitCode);
  });
}

/** The exit code of a command line that threw. commander throws also where it has shown the help that was asked for. */
export function exitCodeOfCommand(error: unknown): number {
  if (!(error instanceof CommanderError)) return exitCodeOf(error);
  return error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
