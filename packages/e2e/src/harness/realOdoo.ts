import { runOdooShell } from '@odoo-sync/local-servers';
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
    shell: (python) => runOdooShell(command, python),
  };
}
