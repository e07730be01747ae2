// `npm test`: every suite; `npm run test:odoo`: the suites against a real Odoo. Ends with one line of totals.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, environment, fail, root, run } from './bootstrap.mjs';

const CONFIGURATION = 78;
const ODOO_START_LIMIT_MS = 15 * 60_000;
/** A run of jest that takes longer hangs: it is ended, and counts as failed. */
const JEST_LIMIT_MS = 38 * 60_000;

/** The address of the real Odoo: given, or printed by the command that starts one (`URL db=NAME login=L password=P`). */
function realOdoo() {
  const { ODOO_TEST_URL, ODOO_TEST_START } = process.env;
  if (ODOO_TEST_URL) return {};
  if (!ODOO_TEST_START) {
    fail(
      'npm run test:odoo needs a real Odoo: set ODOO_TEST_URL (with ODOO_TEST_DB, ODOO_TEST_LOGIN, ODOO_TEST_PASSWORD), ' +
        'or ODOO_TEST_START to a command that starts one and prints "URL db=NAME login=LOGIN password=PASSWORD"',
      CONFIGURATION,
    );
  }
  process.stdout.write('Starting a real Odoo ...\n');
  const printed = execFileSync('sh', ['-c', ODOO_TEST_START], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: ODOO_START_LIMIT_MS,
  });
  const found = /(https?:\/\/\S+) db=(\S+) login=(\S+) password=(\S+)/.exec(printed);
  if (!found)
    fail(
      `ODOO_TEST_START was expected to print "URL db=NAME login=LOGIN password=PASSWORD", but printed: ${printed}`,
      1,
    );
  const [, ODOO_TEST_URL_, ODOO_TEST_DB, ODOO_TEST_LOGIN, ODOO_TEST_PASSWORD] = found;
  return { ODOO_TEST_URL: ODOO_TEST_URL_, ODOO_TEST_DB, ODOO_TEST_LOGIN, ODOO_TEST_PASSWORD };
}

/** Runs jest on some of its projects. @returns its counts, and whether it said that all is well. */
function jest(projects, args, env) {
  const folder = mkdtempSync(join(tmpdir(), 'odoo-sync-test-'));
  const outputFile = join(folder, 'results.json');
  const nodeOptions = `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`;
  try {
    const done = spawnSync(
      'jest',
      ['--selectProjects', ...projects, '--json', `--outputFile=${outputFile}`, ...args],
      {
        cwd: root,
        env: { ...environment, ...env, NODE_OPTIONS: nodeOptions },
        // With --json, jest prints the results on standard output too: they are read from the file.
        stdio: ['ignore', 'ignore', 'inherit'],
        timeout: JEST_LIMIT_MS,
        killSignal: 'SIGKILL',
      },
    );
    if (done.error) process.stderr.write(`jest was ended: ${done.error.message}\n`);
    const results = JSON.parse(readFileSync(outputFile, 'utf8'));
    return {
      passed: results.numPassedTests,
      // A file that could not even be loaded has no failed test, but failed it has.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
      ok: done.status === 0 && results.numTotalTests > 0,
    };
  } catch (error) {
    process.stderr.write(`jest left no results for ${projects.join(', ')}: ${error.message}\n`);
    return { passed: 0, failed: 1, skipped: 0, ok: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Finds (or fetches) the servers that the tests start: without them, every test would tell the same. */
async function checkServers() {
  const { findBinary, NoServerError } = await import('../packages/local-servers/dist/index.js');
  const log = (line) => process.stdout.write(`${line}\n`);
  const found = await Promise.allSettled(['redis', 'mongodb'].map((kind) => findBinary(kind, { log })));
  const reasons = found.flatMap(({ reason }) => (reason ? [reason] : []));
  if (reasons.length > 0) fail(NoServerError.all(reasons).message, CONFIGURATION);
}

const args = process.argv.slice(2);
const odoo = args.includes('--odoo');
const rest = args.filter((arg) => arg !== '--odoo');
bootstrap();
if (run('tsc', ['-p', 'tsconfig.tests.json', '--noEmit']) !== 0)
  fail('the tests do not type-check: see above', 1);

await checkServers();
const runs = odoo
  ? [jest(['odoo'], ['--runInBand', ...rest], realOdoo())]
  : [
      jest(['unit', 'integration'], ['--maxWorkers=2', ...rest], {}),
      jest(['e2e'], ['--maxWorkers=2', ...rest], {}),
    ];
const sum = (key) => runs.reduce((total, one) => total + one[key], 0);
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
process.exit(runs.every((one) => one.ok) && sum('failed') === 0 ? 0 : 1);
