import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { OracleOdoo } from '../oracle/odoo.js';

/** A real Odoo for tests: `ODOO_TEST_URL` with `_DB`, `_LOGIN`, `_PASSWORD`, and `_SHELL`. */
export interface RealOdoo {
  readonly odoo: OracleOdoo;
  /**
   * Runs Python in a shell of that Odoo: what HTTP can't do, such as writing a past `write_date`.
   * @returns what it printed. @throws with its standard error when it fails.
   */
  shell(python: string): Promise<string>;
}

/** @returns undefined where no real Odoo, or no shell of it, is given. */
export function realOdoo(env: Readonly<Record<string, string | undefined>>): RealOdoo | undefined {
  const { ODOO_TEST_URL: url, ODOO_TEST_SHELL: command } = env;
  if (!url || !command) return undefined;
  return {
    odoo: {
      url: url.replace(/\/$/, ''),
      db: env.ODOO_TEST_DB ?? 'odoo',
      login: env.ODOO_TEST_LOGIN ?? 'admin',
      password: env.ODOO_TEST_PASSWORD ?? 'admin',
    },
    shell: (python) => runShell(command, python),
  };
}

async function runShell(command: string, python: string): Promise<string> {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.end(`${python}\n`);
  const [code] = await once(child, 'close');
  const failed = Buffer.concat(errors).toString();
  // The shell goes on after an exception, and ends well.
  if (code !== 0 || failed.includes('Traceback'))
    throw new Error(`the Odoo shell failed (${code}): ${failed.slice(-2_000)}`);
  return Buffer.concat(output).toString();
}
