// Brings a fresh clone to the point where its own code can run: dependencies installed, packages built.
// Plain JavaScript without dependencies, since none are there yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const CONFIGURATION = 78;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The environment in which the workspace's own tools are found first. */
export const environment = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

/** Runs a command to its end with this terminal's output. @returns its exit code. */
export function run(command, args, env = environment) {
  const done = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.error) fail(`could not run ${command}: ${done.error.message}`, 1);
  return done.status ?? 1;
}

/** Ends the process with one clear line. */
export function fail(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Node ${manifest.engines.node} is needed, this is ${process.versions.node}: install a newer one`,
      CONFIGURATION,
    );
  }
}

function install() {
  const installed = join(root, 'node_modules', '.modules.yaml');
  const lockfile = join(root, 'pnpm-lock.yaml');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  process.stdout.write('Installing dependencies ...\n');
  const args = ['--yes', manifest.packageManager, 'install', '--frozen-lockfile', '--reporter=silent'];
  if (run('npx', args) !== 0)
    fail('installing the dependencies failed: see above; is the npm registry reachable?', 1);
}

function build() {
  if (!existsSync(join(root, 'apps', 'demo', 'dist', 'main.js'))) process.stdout.write('Building ...\n');
  const args = ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'];
  const done = spawnSync('turbo', args, { cwd: root, env: environment, encoding: 'utf8' });
  if (done.status === 0) return;
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}`);
  fail('the build failed: see above', 1);
}

/** Checks Node, installs what is missing, builds what has changed. */
export function bootstrap() {
  checkNode();
  install();
  build();
}
