import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type RecordStream, type SourcePage, type SourceRecord, SyncError } from '@odoo-sync/core';

export interface SpoolOptions {
  /** `SPOOL_DIR` */
  readonly directory: string;
  /** `SPOOL_MEMORY_BYTES`: past it, pages go to disk. */
  readonly memoryBytes: number;
}

const CHUNK_RECORDS = 1_000;

type Chunk =
  | { readonly records: readonly SourceRecord[] }
  | { readonly offset: number; readonly length: number };

/**
 * Holds a window between fetch and commit: in memory up to a budget, then on disk, so that a worker's memory doesn't grow
 * with the window. What it holds is read back in chunks of at most 1,000 records, as often as the commit asks.
 */
export class Spool implements RecordStream {
  records = 0;
  bytes = 0;
  pages = 0;
  readonly #chunks: Chunk[] = [];
  #file: FileHandle | undefined;
  #end = 0;

  constructor(private readonly options: SpoolOptions) {}

  /** Takes a page. Once the budget is passed, this and all later ones go to disk. */
  async append(page: SourcePage): Promise<void> {
    this.pages++;
    this.records += page.records.length;
    this.bytes += page.bytes;
    const toDisk = this.bytes > this.options.memoryBytes;
    for (let from = 0; from < page.records.length; from += CHUNK_RECORDS) {
      const records = page.records.slice(from, from + CHUNK_RECORDS);
      this.#chunks.push(toDisk ? await this.#write(records) : { records });
    }
  }

  async *chunks(from: number): AsyncIterable<readonly SourceRecord[]> {
    for (const chunk of this.#chunks.slice(from))
      yield 'records' in chunk ? chunk.records : await this.#read(chunk);
  }

  /** Forgets everything, also on disk. */
  async close(): Promise<void> {
    this.#chunks.length = 0;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(records: readonly SourceRecord[]): Promise<Chunk> {
    const file = await this.#opened();
    const bytes = serialize(records);
    const chunk = { offset: this.#end, length: bytes.length };
    await file.write(bytes, 0, bytes.length, chunk.offset);
    this.#end += bytes.length;
    return chunk;
  }

  async #read({ offset, length }: { offset: number; length: number }): Promise<readonly SourceRecord[]> {
    const file = await this.#opened();
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead !== length)
      throw new Error(`the spool file is ${length - bytesRead} bytes short at ${offset}`);
    return deserialize(bytes);
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file) return this.#file;
    const directory = await mkdtemp(join(this.options.directory, 'odoo-sync-spool-')).catch(
      (cause: unknown) => {
        throw new SyncError('configuration', `SPOOL_DIR can't be written to: ${(cause as Error).message}`, {
          cause,
        });
      },
    );
    this.#file = await open(join(directory, 'pages'), 'w+', 0o600);
    // The open handle keeps the bytes; without a name, nothing is left behind by a worker that is killed.
    await rm(directory, { recursive: true, force: true });
    return this.#file;
  }
}
