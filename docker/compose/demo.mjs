// Connects every simulated company as a user, those that are there already left alone.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const URL = 'http://simulator:8069';
const { databases } = JSON.parse(readFileSync('/app/packages/simulator/data/companies.json', 'utf8'));
const odooSync = (args, env = {}) =>
  execFileSync('odoo-sync', args, { encoding: 'utf8', env: { ...process.env, ...env } });

const known = new Set(
  JSON.parse(odooSync(['user', 'list', '--limit', '1000', '--json'])).map((user) => user.userKey),
);
for (const { name } of databases) {
  if (known.has(name)) continue;
  const args = ['user', 'add', name, '--url', URL, '--db', name, '--login', 'admin'];
  process.stdout.write(odooSync(args, { ODOO_API_KEY: `key-${name}` }));
}
console.log(
  'open http://127.0.0.1:3000/dashboard with any name and the password that this prints: docker compose -f docker/compose.yaml exec api cat /run/odoo-sync/api_token',
);
