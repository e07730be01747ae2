import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { guard } from './guard.js';
import { claimFolder, noteServer } from './orphans.js';

/** One server's process with a folder of its own. */
export interface ServerProcess {
  readonly folder: string;
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** Ends the process and waits for it; the folder stays. */
  end(name: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same arguments, after its end. */
  restart(): Promise<void>;
  /** Ends the process and removes the folder. */
  remove(): Promise<void>;
  /** The end of what it has written. */
  lastWords(): Promise<string>;
  readonly ended: boolean;
}

const GRACE_MS = 10_000;
const WORDS = 1_500;

/**
 * @param argumentsIn the arguments, given the folder.
 * @param parent where the folder is made; among temporary files unless told.
 */
export async function startServerProcess(
  name: string,
  binary: string,
  argumentsIn: (folder: string) => readonly string[],
  parent?: string,
): Promise<ServerProcess> {
  const folder = await claimFolder(name, parent);
  const output = join(folder, 'output.log');
  let child: ChildProcess;
  let callOff: () => void = () => {};

  const launch = async () => {
    const file = await open(output, 'a');
    // Detached: Ctrl-C in a terminal must not end a server before those who use it.
    child = spawn(binary, [...argumentsIn(folder)], {
      stdio: ['ignore', file.fd, file.fd],
      detached: true,
      cwd: folder,
    });
    await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error))]);
    await file.close();
    child.unref();
    const pid = child.pid ?? 0;
    callOff = guard(pid, folder);
    child.once('exit', callOff);
    await noteServer(folder, pid);
  };
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (isOver()) return;
    // Whoever waits for the end must see it, though nothing else keeps this process alive.
    child.ref();
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await exited;
    clearTimeout(timer);
  };
  await launch();
  return {
    folder,
    get pid() {
      return child.pid ?? 0;
    },
    get ended() {
      return isOver();
    },
    signal: (signal) => {
      child.kill(signal);
    },
    end,
    restart: launch,
    async remove() {
      await end('SIGTERM');
      callOff();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
    lastWords: async () => (await readFile(output, 'utf8').catch(() => '')).slice(-WORDS),
  };
}
