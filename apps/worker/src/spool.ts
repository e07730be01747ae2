import { deserialize, serialize } from 'node:v8';
import type { RecordStream, SourcePage, SourceRecord } from '@odoo-sync/core';
import { openSpoolFile, type SpoolFile, type Stretch } from './spoolFile.js';

export interface SpoolOptions {
  /** `SPOOL_DIR` */
  readonly directory: string;
  /** `SPOOL_MEMORY_BYTES`: past it, pages go to disk. */
  readonly memoryBytes: number;
}

const CHUNK_RECORDS = 1_000;

type Chunk = { readonly records: readonly SourceRecord[] } | Stretch;

/**
 * Holds a window between fetch and commit: in memory up to a budget, then on disk, so that a worker's memory doesn't grow
 * with the window. What it holds is read back in chunks of at most 1,000 records, as often as the commit asks.
 */
export class Spool implements RecordStream {
  records = 0;
  bytes = 0;
  pages = 0;
  readonly #chunks: Chunk[] = [];
  #file: SpoolFile | undefined;

  constructor(private readonly options: SpoolOptions) {}

  /**
   * Takes a page. Once the budget is passed, this and all later ones go to disk.
   * @throws SyncError `configuration` when that has no room; the spool is then to be closed.
   */
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
    this.#file ??= await openSpoolFile(this.options.directory);
    return this.#file.append(serialize(records));
  }

  async #read(stretch: Stretch): Promise<readonly SourceRecord[]> {
    if (!this.#file) throw new Error('the spool was closed while it was read');
    return deserialize(await this.#file.read(stretch));
  }
}
