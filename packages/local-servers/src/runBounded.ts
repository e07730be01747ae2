import { spawn } from 'node:child_process';

export interface BoundedRun {
  /** Null: it could not be started, or was ended for its time. */
  readonly code: number | null;
  readonly lastLine: string;
}

const KEPT = 4_000;

/** Runs a command to its end, or to the end of its time: nothing here may hang on a closed network. */
export function runBounded(
  [command = '', ...args]: readonly string[],
  options: {
    readonly path: string;
    readonly limitMs: number;
    readonly everyMs?: number;
    readonly onWait?: (elapsedMs: number) => void;
  },
): Promise<BoundedRun> {
  return new Promise((resolve) => {
    const began = performance.now();
    let text = '';
    const child = spawn(command, args, {
      env: { ...process.env, PATH: options.path, PIP_NO_INPUT: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      // A child of its own may hold the other ends open for long.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.limitMs);
    const waiting = options.everyMs
      ? setInterval(() => options.onWait?.(performance.now() - began), options.everyMs)
      : undefined;
    const end = (code: number | null, words?: string) => {
      clearTimeout(limit);
      clearInterval(waiting);
      const timedOut = performance.now() - began >= options.limitMs;
      const last = text.trim().split('\n').at(-1) ?? '';
      resolve({ code, lastLine: words ?? (timedOut ? `no end after ${options.limitMs / 1_000} s` : last) });
    };
    const keep = (data: Buffer) => {
      text = (text + data.toString()).slice(-KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => end(null, error.message));
    child.on('close', (code) => end(code));
  });
}
