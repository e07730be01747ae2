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
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
