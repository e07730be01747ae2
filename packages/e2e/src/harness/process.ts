import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { guard } from '@odoo-sync/local-servers';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const LINES_KEPT = 4_000;
const START_LIMIT_MS = 30_000;

/** One process of the system under test, started as an operator starts it: its built main with an environment. */
export interface AppProcess {
  readonly pid: number;
  readonly lines: readonly string[];
  /** Bytes of all that it ever wrote. */
  written(): number;
  /** Log lines (pino's JSON) that carry this message. */
  logged(message: string): readonly Record<string, unknown>[];
  signal(name: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. @returns the exit code, or the signal's name. */
  end(name?: NodeJS.Signals): Promise<number | string>;
  readonly exited: Promise<number | string>;
}

/** Starts an app's built main and waits until it says that it is ready. */
export async function startApp(
  app: 'worker' | 'scheduler' | 'api' | 'simulator',
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<AppProcess> {
  const child = spawn(
    process.execPath,
    [`${ROOT}${app === 'simulator' ? 'packages' : 'apps'}/${app}/dist/main.js`, ...args],
    {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  // Nothing is left behind when the tests themselves are killed.
  if (child.pid !== undefined) child.once('exit', guard(child.pid));
  const lines: string[] = [];
  let written = 0;
  const keep = (line: string) => {
    written += Buffer.byteLength(line) + 1;
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  };
  let ready: (() => void) | undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    keep(line);
    if (line.includes('"ready"')) ready?.();
  });
  createInterface({ input: child.stderr }).on('line', keep);
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const settled = new AbortController();
  const tooLate = pause(START_LIMIT_MS, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`${app} is not ready:\n${lines.join('\n')}`);
  });
  tooLate.catch(() => {});
  await Promise.race([
    isReady,
    exited.then((how) =>
      Promise.reject(new Error(`${app} ended at its start (${how}):\n${lines.join('\n')}`)),
    ),
    tooLate,
  ]).finally(() => settled.abort());
  return appProcess(child, { lines, written: () => written }, exited);
}

function appProcess(
  child: ChildProcess,
  { lines, written }: Pick<AppProcess, 'lines' | 'written'>,
  exited: Promise<number | string>,
): AppProcess {
  return {
    pid: child.pid ?? 0,
    lines,
    written,
    exited,
    logged: (message) =>
      lines.flatMap((line) => {
        if (!line.startsWith('{') || !line.includes(message)) return [];
        const entry = JSON.parse(line) as Record<string, unknown>;
        return entry.msg === message ? [entry] : [];
      }),
    signal: (name) => {
      child.kill(name);
    },
    async end(name = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        // A stopped process takes no other signal before it goes on.
        if (name !== 'SIGKILL') child.kill('SIGCONT');
        child.kill(name);
      }
      return exited;
    },
  };
}
