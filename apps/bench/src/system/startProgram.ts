import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { guard } from '@odoo-sync/local-servers';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const START_LIMIT_MS = 60_000;
const END_LIMIT_MS = 10_000;
const LINES_KEPT = 100;

/** A program in a process of its own that says that it is ready by a line with `"ready"`. */
export interface Program {
  readonly pid: number;
  readonly ready: Readonly<Record<string, unknown>>;
  /** Writes a line to it and waits for the next line that it writes. */
  ask(line: string): Promise<string>;
  end(): Promise<void>;
}

/**
 * Starts a built program of this repository, by its path from the root.
 * @throws with its last lines when it isn't ready in time, or ends.
 */
export async function startProgram(
  path: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  nodeArgs: readonly string[] = [],
  limitMs = START_LIMIT_MS,
): Promise<Program> {
  const child = spawn(process.execPath, [...nodeArgs, `${ROOT}${path}`, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) child.once('exit', guard(child.pid));
  const lines: string[] = [];
  let waiting: ((line: string) => void) | undefined;
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  };
  let isReady: (line: string) => void = () => {};
  const ready = new Promise<string>((resolve) => {
    isReady = resolve;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    keep(line);
    if (line.includes('"ready"')) isReady(line);
    else waiting?.(line);
  });
  createInterface({ input: child.stderr }).on('line', keep);
  child.stdin.on('error', () => {});
  const exited = once(child, 'close').then(([code, signal]) => {
    throw new Error(`${path} ended (${code ?? signal}):\n${lines.join('\n')}`);
  });
  exited.catch(() => {});
  const first = await within(limitMs, `${path} is not ready`, Promise.race([ready, exited]));
  return {
    pid: child.pid ?? 0,
    ready: JSON.parse(first) as Record<string, unknown>,
    ask(line) {
      const answer = new Promise<string>((resolve) => {
        waiting = resolve;
      });
      child.stdin.write(`${line}\n`);
      return Promise.race([answer, exited]);
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
      await exited.catch(() => {});
      clearTimeout(timer);
    },
  };
}

/** Runs a program whose only line is its result. */
export async function runToEnd(
  path: string,
  args: readonly string[],
  limitMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  const program = await startProgram(path, {}, args, [], limitMs);
  await program.end();
  return program.ready;
}

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
