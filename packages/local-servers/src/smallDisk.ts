import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk in memory that can really be full, for tests of what happens then. */
export interface SmallDisk {
  readonly directory: string;
  freeBytes(): number;
  /** Leaves so much room, less than a block more. */
  fill(leftBytes: number): void;
  empty(): void;
  unmount(): void;
}

/** Mounts one, of whole blocks of 4 KiB. @returns null where this process may not: only root of a Linux may. */
export function mountSmallDisk(bytes: number): SmallDisk | null {
  if (process.platform !== 'linux') return null;
  const directory = mkdtempSync(join(tmpdir(), 'odoo-sync-small-disk-'));
  const filler = join(directory, 'filler');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmdirSync(directory);
    return null;
  }
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  };
  return {
    directory,
    freeBytes,
    fill: (leftBytes) => writeFileSync(filler, Buffer.alloc(freeBytes() - leftBytes)),
    empty: () => rmSync(filler, { force: true }),
    unmount() {
      // Lazily: a handle that a failed test left open must not keep the others from ending.
      execFileSync('umount', ['--lazy', directory], { stdio: 'ignore' });
      rmdirSync(directory);
    },
  };
}
