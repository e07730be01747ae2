import { SETTINGS, type Setting } from './settings.js';

const plain = (name: string): string => name.replace(/[-_]/g, '').toLowerCase();

/** Whole names of fields, for whatever case they are in and however their words are joined. A part of a name says nothing: `tokens` may be a figure. */
const NAMES: ReadonlySet<string> = new Set(
  [
    ...Object.entries<Setting<unknown>>(SETTINGS).flatMap(([name, { secret }]) => (secret ? name : [])),
    ...['ODOO_API_KEY', 'ODOO_PASSWORD', 'ODOO_TEST_PASSWORD'],
    ...['password', 'passwd', 'pwd', 'passphrase', 'sentinel_password', 'new_password', 'old_password'],
    ...['secret', 'client_secret', 'secret_key', 'secret_access_key', 'private_key', 'signing_key'],
    ...['token', 'access_token', 'refresh_token', 'id_token', 'auth_token', 'session_token', 'signup_token'],
    ...['csrf_token', 'bearer', 'api_key', 'x_api_key', 'access_key', 'credential', 'credentials'],
    ...['authorization', 'proxy_authorization', 'cookie', 'cookies', 'set_cookie', 'session_id'],
  ].map(plain),
);
/** Also the name of a figure: how many windows are sealed. */
const SEALED = 'sealed';

/** Whether what stands under this name is never shown. */
export function isSecret(name: string, value: unknown): boolean {
  const known = plain(name);
  return NAMES.has(known) || (known === SEALED && typeof value !== 'number');
}
