import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '@odoo-sync/core';

/** A place in the file. */
export interface FileSpan {
  readonly offset: number;
  readonly length: number;
}

/** The file of one spool: written at its end, read anywhere, without a name on disk. */
export interface SpoolFile {
  /** @throws SyncError `configuration` when there is no room, or the disk fails; what was written before stays readable. */
  append(bytes: Uint8Array): Promise<FileSpan>;
  read(span: FileSpan): Promise<Buffer>;
  close(): Promise<void>;
}

/** @throws SyncError `configuration` when the folder can't be written to. */
export async function openSpoolFile(directory: string): Promise<SpoolFile> {
  const file = await openNameless(directory);
  let end = 0;
  return {
    async append(bytes) {
      const written = await writeWhole(file, bytes, end);
      if (written.bytes < bytes.length) throw cutShort(directory, bytes.length, end, written);
      const span = { offset: end, length: bytes.length };
      end += bytes.length;
      return span;
    },
    read: (span) => readWhole(file, span),
    close: () => file.close(),
  };
}

/** The open handle keeps the bytes; without a name, nothing is left behind by a worker that is killed. */
async function openNameless(directory: string): Promise<FileHandle> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(directory, 'odoo-sync-spool-'));
    return await open(join(folder, 'pages'), 'wx+', 0o600);
  } catch (cause) {
    throw unwritable(directory, cause);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

interface Written {
  readonly bytes: number;
  readonly cause?: unknown;
}

/** A write may take fewer bytes than it is given: on a disk that is nearly full it takes what fits, and fails only then. */
async function writeWhole(file: FileHandle, bytes: Uint8Array, offset: number): Promise<Written> {
  let done = 0;
  try {
    while (done < bytes.length) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
      if (bytesWritten === 0) break;
      done += bytesWritten;
    }
    return { bytes: done };
  } catch (cause) {
    return { bytes: done, cause };
  }
}

async function readWhole(file: FileHandle, { offset, length }: FileSpan): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0)
      throw new Error(`the spool file is ${length - done} bytes short at ${offset + done}`);
    done += bytesRead;
  }
  return bytes;
}

const cutShort = (directory: string, needed: number, before: number, { bytes, cause }: Written): SyncError =>
  new SyncError(
    'configuration',
    `SPOOL_DIR: a window needs ${needed} bytes more in ${directory} behind the ${before} that it has there, but only ${bytes} could be written (${wordsOf(cause)}): make room there, set SPOOL_DIR to a larger disk, or raise SPOOL_MEMORY_BYTES`,
    { cause },
  );

/** The folder as such is the matter. */
export const unwritable = (directory: string, cause: unknown): SyncError =>
  new SyncError(
    'configuration',
    `SPOOL_DIR can't be written to: expected a folder of this process's at "${directory}", but ${wordsOf(cause)}: create it, give the process the right to write there, or set SPOOL_DIR to another`,
    { cause },
  );

const wordsOf = (cause: unknown): string =>
  cause === undefined ? 'the disk took no more' : (cause as Error).message;
