import { versionOf } from '@odoo-sync/runtime';
import { type ProgramContext, rootCommand } from '@odoo-sync/terminal';
import type { Command } from 'commander';
import { auditCommand } from './commands/audit.js';
import { compareCommand } from './commands/compare.js';
import { keysCommand } from './commands/keys.js';
import { ledgerCommand } from './commands/ledger.js';
import { resyncCommand } from './commands/resync.js';
import { retryCommand } from './commands/retry.js';
import { statusCommand } from './commands/status.js';
import { userCommand } from './commands/user.js';

/** The operator's hand: the same settings and the same functions as the other processes. */
export function createProgram(context: ProgramContext): Command {
  const program = rootCommand('odoo-sync', context)
    .description('mirrors Odoo into MongoDB; every command works on REDIS_URL and MONGODB_URL')
    .version(versionOf());
  const commands = [
    userCommand,
    statusCommand,
    compareCommand,
    auditCommand,
    resyncCommand,
    retryCommand,
    keysCommand,
    ledgerCommand,
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
