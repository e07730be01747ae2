import type { SourcePage, SourceRecord } from '@odoo-sync/core';
import type { Spool } from '@odoo-sync/engine';
import { type FileSpan, openSpoolFile, type SpoolFile } from './spoolFile.js';

export interface SpoolOptions {
  /** `SPOOL_DIR` */
  readonly directory: string;
  /** `SPOOL_MEMORY_BYTES`: past it, pages go to disk. */
  readonly memoryBytes: number;
}

const CHUNK_RECORDS = 1_000;

interface Packed {
  readonly chunks: number;
  readonly at: Uint8Array | FileSpan;
  readonly unpack: SourcePage['unpack'];
}

/**
 * Holds a window between fetch and commit, as the bytes that Odoo sent: in memory up to a budget, then on disk, so that a
 * worker's memory doesn't grow with the window. They are unpacked in chunks of at most 1,000 records, as often as the commit
 * asks; mostly it doesn't, since the records were written early.
 */
export class DiskSpool implements Spool {
  records = 0;
  bytes = 0;
  pages = 0;
  readonly #pages: Packed[] = [];
  #file: SpoolFile | undefined;

  constructor(private readonly options: SpoolOptions) {}

  /**
   * Takes a page. Once the budget is passed, this and all later ones go to disk.
   * @throws SyncError `configuration` when that has no room; the spool is then to be closed.
   */
  async append({ records, packed, unpack }: SourcePage): Promise<void> {
    this.pages++;
    this.records += records.length;
    this.bytes += packed.length;
    const chunks = Math.ceil(records.length / CHUNK_RECORDS);
    if (chunks === 0) return;
    const at = this.bytes > this.options.memoryBytes ? await this.#write(packed) : packed;
    this.#pages.push({ chunks, at, unpack });
  }

  async *chunks(from: number): AsyncIterable<readonly SourceRecord[]> {
    let first = 0;
    for (const page of this.#pages) {
      const skipped = Math.max(0, from - first);
      first += page.chunks;
      if (skipped >= page.chunks) continue;
      const records = page.unpack(await this.#bytesOf(page));
      for (let n = skipped; n < page.chunks; n++)
        yield records.slice(n * CHUNK_RECORDS, (n + 1) * CHUNK_RECORDS);
    }
  }

  /** Forgets everything, also on disk. */
  async close(): Promise<void> {
    this.#pages.length = 0;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(packed: Uint8Array): Promise<FileSpan> {
    this.#file ??= await openSpoolFile(this.options.directory);
    return this.#file.append(packed);
  }

  async #bytesOf({ at }: Packed): Promise<Uint8Array> {
    if (at instanceof Uint8Array) return at;
    if (!this.#file) throw new Error('the spool was closed while it was read');
    return this.#file.read(at);
  }
}
