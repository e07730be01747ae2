import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { MEMORY } from './memoryFolder.js';
import { startOf } from './processIdentity.js';
import type { Log } from './serverKind.js';

/** Who owns a server's folder: read by later starts, which clean up behind an owner that was killed. */
interface OwnerFile {
  readonly owner: ProcessMark;
  readonly server: ProcessMark | null;
}

interface ProcessMark {
  readonly pid: number;
  readonly start: string | null;
}

const OWNER = 'owner.json';
const runFolder = (parent: string): string => join(parent, `odoo-sync-servers-${userInfo().uid}`);

const markOf = async (pid: number): Promise<ProcessMark> => ({ pid, start: await startOf(pid) });
const isAlive = async (mark: ProcessMark): Promise<boolean> =>
  mark.start !== null && (await startOf(mark.pid)) === mark.start;

/** A new folder for one server, owned by this process. @param parent where it is made; among temporary files unless told. */
export async function claimFolder(name: string, parent = tmpdir()): Promise<string> {
  await mkdir(runFolder(parent), { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(runFolder(parent), `${name}-`));
  await writeOwner(folder, null);
  return folder;
}

/** Notes the server's process in its folder. */
export const noteServer = async (folder: string, pid: number): Promise<void> =>
  writeOwner(folder, await markOf(pid));

async function writeOwner(folder: string, server: ProcessMark | null): Promise<void> {
  const owner: OwnerFile = { owner: await markOf(process.pid), server };
  // Renamed into place: a start at the same time would else read half of it.
  const draft = join(folder, `${OWNER}.draft`);
  await writeFile(draft, JSON.stringify(owner));
  await rename(draft, join(folder, OWNER));
}

/** Ends servers whose owner is gone, and removes their folders. Touches nothing else. */
export async function cleanOrphans(log: Log): Promise<void> {
  for (const parent of [tmpdir(), MEMORY]) await cleanIn(runFolder(parent), log);
}

async function cleanIn(parent: string, log: Log): Promise<void> {
  const folders = await readdir(parent).catch(() => []);
  for (const name of folders) {
    const folder = join(parent, name);
    const text = await readFile(join(folder, OWNER), 'utf8').catch(() => null);
    // One without its file is just being made, or just being removed.
    if (text === null) continue;
    const { owner, server } = JSON.parse(text) as OwnerFile;
    if (await isAlive(owner)) continue;
    if (server && (await isAlive(server))) {
      log(`ending the server ${server.pid}, which its owner left behind`);
      process.kill(server.pid, 'SIGKILL');
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
