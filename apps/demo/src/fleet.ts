import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { guard } from '@odoo-sync/local-servers';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_LIMIT_MS = 60_000;
const END_LIMIT_MS = 30_000;
const LOG_TAIL = 2_000;

export interface Running {
  readonly name: string;
  /** What the process said of itself when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
}

/** The demo's processes: each is the same program that production runs, with its log in a file of its own. */
export class Fleet {
  readonly #running: { readonly name: string; readonly child: ChildProcess; readonly log: string }[] = [];
  #closing = false;

  constructor(
    private readonly logs: string,
    private readonly onDeath: (message: string) => void,
  ) {}

  /** Starts a program, by its path from the root, and waits until it is ready. @throws with the end of its log when it isn't. */
  async start(
    name: string,
    program: string,
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<Running> {
    const log = join(this.logs, `${name}.log`);
    // Detached: Ctrl-C in the terminal reaches the demo alone, which then ends its processes in order.
    const child = spawn(process.execPath, [join(ROOT, program, 'dist', 'main.js'), ...args], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const file = createWriteStream(log, { mode: 0o600 });
    child.stderr.pipe(file, { end: false });
    this.#running.push({ name, child, log });
    // Nothing is left behind when the demo itself is killed.
    if (child.pid !== undefined) child.once('exit', guard(child.pid, this.logs));
    const ready = new Promise<Record<string, unknown>>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        file.write(`${line}\n`);
        if (line.includes('"ready"')) resolve(JSON.parse(line) as Record<string, unknown>);
      });
    });
    const lastWords = async () => (await readFile(log, 'utf8').catch(() => '')).slice(-LOG_TAIL);
    const ended = once(child, 'exit').then(async ([code, signal]) => {
      const words = `${name} ended (${code ?? signal}); the end of its log:\n${await lastWords()}`;
      if (!this.#closing) this.onDeath(words);
      throw new Error(words);
    });
    ended.catch(() => {});
    const tooLate = new AbortController();
    const late = pause(START_LIMIT_MS, undefined, { signal: tooLate.signal }).then(async () => {
      throw new Error(
        `${name} is not ready after ${START_LIMIT_MS / 1_000} s; the end of its log:\n${await lastWords()}`,
      );
    });
    late.catch(() => {});
    try {
      return { name, ready: await Promise.race([ready, ended, late]) };
    } finally {
      tooLate.abort();
    }
  }

  /** Ends every process, the last started first; one that doesn't end in time is killed. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { child } of [...this.#running].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
      await exited;
      clearTimeout(timer);
    }
    this.#running.length = 0;
  }
}
