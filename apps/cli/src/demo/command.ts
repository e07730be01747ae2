import { createInterface } from 'node:readline';
import { SyncError } from '@odoo-sync/core';
import { normalizeOdooUrl } from '@odoo-sync/odoo';
import { Command } from 'commander';
import { type DemoOptions, runDemo } from './demo.js';

interface Flags {
  readonly once?: boolean;
  readonly odoo?: string;
  readonly db?: string;
  readonly login?: string;
}

/** `demo`: the main job in one command, on simulated companies or on a real Odoo. */
export function demoCommand(env: DemoOptions['env'], onExit: (code: number) => void): Command {
  return new Command('demo')
    .description('mirror simulated companies, or a real Odoo, and watch it')
    .option('--once', 'end when the mirror is caught up and was compared with its source')
    .option(
      '--odoo <url>',
      'a real Odoo; its key or password comes from ODOO_API_KEY or ODOO_PASSWORD, or is asked for',
    )
    .option('--db <name>', 'its database')
    .option('--login <login>', 'the login to read as')
    .action(async (flags: Flags) => {
      const stop = new AbortController();
      const onSignal = () => stop.abort();
      process.on('SIGINT', onSignal);
      process.on('SIGTERM', onSignal);
      const code = await runDemo({
        once: flags.once ?? false,
        real: await realOdoo(flags, env),
        env: withoutSecrets(env),
        stop: stop.signal,
        write: (line) => process.stdout.write(`${line}\n`),
        terminal: process.stdout.isTTY === true,
      });
      onExit(code);
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

async function realOdoo({ odoo, db, login }: Flags, env: DemoOptions['env']): Promise<DemoOptions['real']> {
  if (!odoo) {
    if (db || login) throw new SyncError('configuration', 'expected --odoo URL beside --db and --login');
    return null;
  }
  if (!db || !login)
    throw new SyncError('configuration', 'expected --db NAME and --login LOGIN beside --odoo');
  return { url: normalizeOdooUrl(odoo), db, login, credential: await credential(env, login) };
}

async function credential(
  env: DemoOptions['env'],
  login: string,
): Promise<{ kind: 'apiKey' | 'password'; secret: string }> {
  if (env.ODOO_API_KEY) return { kind: 'apiKey', secret: env.ODOO_API_KEY };
  if (env.ODOO_PASSWORD) return { kind: 'password', secret: env.ODOO_PASSWORD };
  if (!process.stdin.isTTY) {
    throw new SyncError(
      'configuration',
      'expected ODOO_API_KEY or ODOO_PASSWORD in the environment, or a terminal to ask for it',
    );
  }
  return { kind: 'password', secret: await askHidden(`Password or API key of ${login}: `) };
}

/** Asks on the terminal without showing what is typed. */
function askHidden(question: string): Promise<string> {
  process.stdout.write(question);
  return new Promise((resolve) => {
    const reader = createInterface({ input: process.stdin, output: undefined, terminal: true });
    reader.once('line', (line) => {
      reader.close();
      process.stdout.write('\n');
      resolve(line);
    });
  });
}
