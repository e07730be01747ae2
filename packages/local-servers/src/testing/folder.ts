import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';

export { until } from '../until.js';

/** A folder for each test, with programs that stand in for others. */
export class FolderWorld {
  #closers: (() => unknown)[] = [];
  logged: string[] = [];

  constructor() {
    afterEach(async () => {
      for (const close of this.#closers.splice(0).reverse()) await close();
      this.logged = [];
    });
  }

  readonly log = (line: string): void => {
    this.logged.push(line);
  };

  onEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  async folder(parent = tmpdir()): Promise<string> {
    const made = await mkdtemp(join(parent, 'local-servers-test-'));
    this.onEnd(() => rm(made, { recursive: true, force: true, maxRetries: 5 }));
    return made;
  }

  /** A folder of a PATH that holds these shell scripts. */
  async programs(scripts: Readonly<Record<string, string>>): Promise<string> {
    const folder = await this.folder();
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    return folder;
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
