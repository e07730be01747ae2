import { runOdooShell } from '@odoo-sync/local-servers';
import { SkippedRow } from '../bench.js';

/** A real Odoo that holds enough contacts, with an API key for it. */
export interface RealOdoo {
  readonly url: string;
  readonly db: string;
  readonly login: string;
  readonly apiKey: string;
}

const MARK = 'odoo-sync-bench';
const CHUNK = 5_000;

/**
 * In an Odoo shell: makes the contacts that are missing, marked by their reference, and leaves them there; spreads the
 * marked ones over ten days of the past, which only SQL can; and gives a key for a day.
 */
const prepare = (login: string, contacts: number) => `
from datetime import datetime, timedelta
Partner = env['res.partner'].with_context(active_test=False)
since = datetime.now() - timedelta(days=88)
marked = Partner.search_count([('ref', '=', '${MARK}')])
have = Partner.search_count([('write_date', '>=', since), '|', ('ref', '=', False), ('ref', '!=', '${MARK}')])
missing = max(0, ${contacts} - have - marked)
while missing > 0:
    count = min(missing, ${CHUNK})
    Partner.create([{'name': 'Bench contact %s' % (marked + n), 'ref': '${MARK}', 'email': 'contact%s@example.com' % (marked + n), 'city': 'Gent', 'zip': '9000', 'street': 'Kouter %s' % n} for n in range(count)])
    env.cr.commit()
    marked += count
    missing -= count
env.cr.execute("UPDATE res_partner SET write_date = date_trunc('day', now() at time zone 'UTC') - (10 + id %% 10) * interval '1 day' + (id %% 36000) * interval '1 second' WHERE ref = %s", ['${MARK}'])
user = env['res.users'].search([('login', '=', '${login}')], limit=1)
env['res.users.apikeys'].sudo().search([('name', '=', '${MARK}')]).unlink()
print('KEY ' + env(user=user.id)['res.users.apikeys']._generate(None, '${MARK}', datetime.now() + timedelta(days=1)))
env.cr.commit()
`;

/**
 * The real Odoo that the environment names, made ready.
 * @throws SkippedRow when it names none.
 */
export async function readyRealOdoo(
  env: Readonly<Record<string, string | undefined>>,
  contacts: number,
): Promise<RealOdoo> {
  const { ODOO_TEST_URL: url, ODOO_TEST_SHELL: shell } = env;
  if (!url || !shell)
    throw new SkippedRow(
      'needs a real Odoo 19: set `ODOO_TEST_URL` (with `ODOO_TEST_DB`, `ODOO_TEST_LOGIN`), and `ODOO_TEST_SHELL` to a command that runs its shell',
    );
  const login = env.ODOO_TEST_LOGIN ?? 'admin';
  const printed = await runOdooShell(shell, prepare(login, contacts));
  const apiKey = /KEY ([0-9a-f]{40})/.exec(printed)?.[1];
  if (!apiKey) throw new Error(`the Odoo shell gave no API key: ${printed}`);
  return { url: url.replace(/\/$/, ''), db: env.ODOO_TEST_DB ?? 'odoo', login, apiKey };
}
