import { type Credentials, SyncError } from '@odoo-sync/core';
import { askHidden } from './askHidden.js';
import type { ProgramContext } from './programContext.js';

/**
 * A user's key or password: from `ODOO_API_KEY` or `ODOO_PASSWORD`, else asked for. Never an argument, which every process
 * of the machine could read.
 */
export async function credentialsOf(
  { env, note }: Pick<ProgramContext, 'env' | 'note'>,
  login: string,
): Promise<Credentials> {
  if (env.ODOO_API_KEY) return { kind: 'apiKey', login, secret: env.ODOO_API_KEY };
  if (env.ODOO_PASSWORD) return { kind: 'password', login, secret: env.ODOO_PASSWORD };
  if (!process.stdin.isTTY) {
    throw new SyncError(
      'configuration',
      'expected ODOO_API_KEY or ODOO_PASSWORD in the environment, or a terminal to ask for it',
    );
  }
  const secret = await askHidden(`API key or password of ${login} (not shown):`, note);
  if (secret === '')
    throw new SyncError('configuration', 'expected an API key or a password, but got nothing');
  // Odoo's keys are 40 hexadecimal digits.
  return { kind: /^[0-9a-f]{40}$/.test(secret) ? 'apiKey' : 'password', login, secret };
}
