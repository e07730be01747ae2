import { EXIT, exitCodeOf, versionOf } from '@odoo-sync/runtime';
import { Command, CommanderError } from 'commander';
import { compareCommand } from './commands/compare.js';
import { keysCommand } from './commands/keys.js';
import { ledgerCommand } from './commands/ledger.js';
import { resyncCommand } from './commands/resync.js';
import { retryCommand } from './commands/retry.js';
import { statusCommand } from './commands/status.js';
import { userCommand } from './commands/user.js';
import type { CliContext } from './context.js';
import { demoCommand } from './demo/command.js';

/** The operator's hand: the same settings and the same functions as the other processes. */
export function createProgram(context: CliContext): Command {
  const program = new Command('odoo-sync')
    .description('mirrors Odoo into MongoDB; every command but `demo` works on REDIS_URL and MONGODB_URL')
    .version(versionOf())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.write(text.trimEnd()),
      writeErr: (text) => context.note(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows what can be said)');
  const commands = [
    userCommand,
    statusCommand,
    compareCommand,
    resyncCommand,
    retryCommand,
    keysCommand,
    ledgerCommand,
    demoCommand,
  ];
  for (const command of commands) add(program, command(context));
  return program;
}

/** Settings of commander go to those commands alone that are made by `command()`. */
function add(parent: Command, child: Command): void {
  child.copyInheritedSettings(parent);
  for (const grandchild of child.commands) grandchild.copyInheritedSettings(child);
  parent.addCommand(child);
}

/** The exit code of a command line that threw. commander throws also where it has shown the help that was asked for. */
export function exitCodeOfCommand(error: unknown): number {
  if (!(error instanceof CommanderError)) return exitCodeOf(error);
  return error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
