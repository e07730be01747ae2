import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** A process that ended by itself, as whoever started it sees it. */
export interface Ended {
  /** Null: it was still there at the limit, and was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
}

/** Runs an app's built main with nothing in its environment but what is given, until it ends or the time is over. */
export async function endOf(
  app: 'worker' | 'scheduler' | 'api' | 'cli',
  env: Readonly<Record<string, string>>,
  args: readonly string[] = app === 'cli' ? ['status'] : [],
  limitMs = 40_000,
): Promise<Ended> {
  const began = performance.now();
  const child = spawn(process.execPath, [`${ROOT}apps/${app}/dist/main.js`, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  clearTimeout(timer);
  return { code: code as number | null, out, err, ms: performance.now() - began };
}

/** Whether it says a secret, or shows where in the code a fault came up: neither is for an operator's eyes. */
export const isClean = ({ out, err }: Ended, secrets: readonly string[] = []): boolean =>
  !/^\s+at .*[\d:]+\)?$/m.test(err) && !secrets.some((secret) => `${out}${err}`.includes(secret));
