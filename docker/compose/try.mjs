// A trial of compose.yaml: the demo's companies are mirrored while workers are added, stopped and killed and Redis and MongoDB
// restarted; at the end every mirror must be equal. `node docker/compose/try.mjs [ACT ...]`; ends with 1 where one is not. Removes what
// it made.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FILE = fileURLToPath(new URL('../compose.yaml', import.meta.url));
const PROJECT = 'odoo-sync-try';
const MOST_OUTPUT = 64_000_000;
const only = process.argv.slice(2);
const began = performance.now();
const say = (text) =>
  console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
const compose = async (...args) => {
  const options = {
    maxBuffer: MOST_OUTPUT,
    env: { ...process.env, ODOO_SYNC_PORT: process.env.ODOO_SYNC_PORT ?? '3999' },
  };
  return (
    await run('docker', ['compose', '-p', PROJECT, '-f', FILE, '--profile', 'demo', ...args], options)
  ).stdout.trim();
};
const odooSync = (...args) => compose('exec', '-T', 'worker', 'odoo-sync', ...args);
const containers = async (service) => (await compose('ps', '-q', service)).split('\n').filter(Boolean);
const docker = (...args) => run('docker', args);

/** Empties every mirror's ledger, so that the next act meets a backfill again. */
async function again() {
  for (const { userKey, address, login } of JSON.parse(await odooSync('user', 'list', '--json'))) {
    await odooSync('user', 'remove', userKey, '--yes');
    await compose(
      'exec',
      '-T',
      '-e',
      `ODOO_API_KEY=key-${address.db}`,
      'worker',
      'odoo-sync',
      'user',
      'add',
      userKey,
      '--url',
      address.url,
      '--db',
      address.db,
      '--login',
      login,
    );
  }
}

async function equal(what) {
  // Where mirrors differ it ends with 1 and tells how; without a word on standard output it has failed.
  const text = await odooSync('compare', '--wait', '180', '--json').catch((error) => {
    if (error.stdout) return error.stdout;
    throw error;
  });
  const rows = JSON.parse(text);
  const sum = (pick) => rows.reduce((total, row) => total + pick(row), 0);
  const status = JSON.parse(await odooSync('status', '--json'));
  const attempts = status
    .flatMap(({ modules }) => modules)
    .reduce((total, { retries }) => total + retries, 0);
  const differences = sum((row) => row.differences);
  say(`${what}: ${sum((row) => row.source)} records, ${differences} differences, ${attempts} attempts used`);
  if (differences > 0 || rows.length === 0) process.exitCode = 1;
}

const ACTS = {
  'four workers': () => compose('up', '-d', '--no-recreate', '--scale', 'worker=4', 'worker'),
  'one worker stopped': async () => docker('stop', (await containers('worker'))[0]),
  'one worker killed': async () => docker('kill', (await containers('worker'))[1]),
  'Redis restarted': () => compose('restart', 'redis'),
  'MongoDB restarted': () => compose('restart', 'mongodb'),
};

try {
  await compose('up', '-d', '--wait', '--build', 'api', 'scheduler', 'worker', 'simulator');
  say('built, and every container healthy');
  await compose('run', '--rm', 'demo');
  await equal('from nothing');
  for (const [what, act] of Object.entries(ACTS)) {
    if (only.length > 0 && !only.includes(what)) continue;
    await again();
    await act();
    await equal(what);
  }
} finally {
  await compose('down', '-v', '--timeout', '5');
}
