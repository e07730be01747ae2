import type { SourcePage, SourceRecord } from '@odoo-sync/core';
import type { Spool } from '../turn/spool.js';

/** A spool that keeps everything in memory, a page a chunk. */
export class MemorySpool implements Spool {
  records = 0;
  bytes = 0;
  readonly #chunks: (readonly SourceRecord[])[] = [];

  get pages(): number {
    return this.#chunks.length;
  }

  async append({ records, packed }: SourcePage): Promise<void> {
    this.records += records.length;
    this.bytes += packed.length;
    this.#chunks.push(records);
  }

  async *chunks(from: number): AsyncIterable<readonly SourceRecord[]> {
    yield* this.#chunks.slice(from);
  }

  async close(): Promise<void> {
    this.#chunks.length = 0;
  }
}
