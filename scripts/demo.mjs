// `npm run demo`: everything from a fresh clone to a mirror that follows its source.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap, environment, root } from './bootstrap.mjs';

bootstrap();
const main = join(root, 'apps', 'demo', 'dist', 'main.js');
const child = spawn(process.execPath, [main, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: environment,
});
// Ctrl-C reaches the child by the terminal; this process only waits for it to have closed everything.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
// npm passes no signal on: where it is ended, so is the demo.
const { ppid } = process;
setInterval(() => {
  if (process.ppid !== ppid) child.kill('SIGTERM');
}, 1_000).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
