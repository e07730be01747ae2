import { SyncError } from '@odoo-sync/core';
import { addressOf } from '@odoo-sync/odoo';
import { versionOf } from '@odoo-sync/runtime';
import { credentialsOf, type ProgramContext, rootCommand } from '@odoo-sync/terminal';
import type { Command } from 'commander';
import { runDemo } from './demo.js';
import type { DemoOptions } from './runningDemo.js';

interface Flags {
  readonly once?: boolean;
  readonly odoo?: string;
  readonly db?: string;
  readonly login?: string;
}

/** The main job in one command, on simulated companies or on a real Odoo. */
export function createProgram(context: ProgramContext): Command {
  return rootCommand('npm run demo --', context)
    .description('mirrors simulated companies, or a real Odoo, and shows it')
    .version(versionOf())
    .option('--once', 'end when the mirror is caught up and was compared with its source')
    .option(
      '--odoo <url>',
      'a real Odoo; its key or password comes from ODOO_API_KEY or ODOO_PASSWORD, or is asked for',
    )
    .option('--db <name>', 'its database, where the URL does not tell it')
    .option('--login <login>', 'the login to read as')
    .action(async (flags: Flags) => {
      const { stop, write, terminal, env } = context;
      const real = await realOdoo(flags, context);
      const code = await runDemo({
        once: flags.once ?? false,
        real,
        env: withoutSecrets(env),
        stop,
        write,
        terminal,
      });
      context.exitWith(code);
    });
}

/** The source's secret goes into the store, sealed; no process of the fleet gets it in its environment. */
function withoutSecrets({
  ODOO_API_KEY: _key,
  ODOO_PASSWORD: _password,
  ...env
}: DemoOptions['env']): DemoOptions['env'] {
  return env;
}

async function realOdoo({ odoo, db, login }: Flags, context: ProgramContext): Promise<DemoOptions['real']> {
  if (!odoo) {
    if (db || login) throw new SyncError('invalid', 'expected --odoo URL beside --db and --login');
    return null;
  }
  if (!login) throw new SyncError('invalid', 'expected --login LOGIN beside --odoo');
  return { address: addressOf(odoo, db), credentials: await credentialsOf(context, login) };
}
