import type { ModelName } from './fieldTable.js';
import { TimeIndex } from './timeIndex.js';

const EXISTS = 1;
const ARCHIVED = 2;
const BLANK = 4;

/** JSON text by field, for values that somebody wrote instead of generated ones. */
export type WrittenValues = ReadonlyMap<string, string>;

/** The committed state of one model in one database: about 21 bytes a record, all values being functions of id and revision. */
export class Table {
  readonly model: ModelName;
  readonly index = new TimeIndex();
  /** Rises with every committed change; whoever caches an answer compares it. */
  changes = 0;
  #nextId = 1;
  #count = 0;
  #written: Float64Array<ArrayBuffer> = new Float64Array(64);
  #created: Uint32Array<ArrayBuffer> = new Uint32Array(64);
  #revision: Uint32Array<ArrayBuffer> = new Uint32Array(64);
  #flags: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  readonly #values = new Map<number, Map<string, string>>();

  constructor(model: ModelName) {
    this.model = model;
  }

  /** Ids end below this; an id once given is never given again. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Committed records, archived ones included. */
  get count(): number {
    return this.#count;
  }

  /** Takes the next id. It stays taken when the transaction is rolled back, as with a PostgreSQL sequence. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    if (id >= this.#flags.length) this.reserve(id * 2);
    return id;
  }

  /** Makes room for ids up to `capacity` at once. */
  reserve(capacity: number): void {
    const grow = <T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from as never);
      return to;
    };
    this.#written = grow(this.#written, new Float64Array(capacity));
    this.#created = grow(this.#created, new Uint32Array(capacity));
    this.#revision = grow(this.#revision, new Uint32Array(capacity));
    this.#flags = grow(this.#flags, new Uint8Array(capacity));
  }

  skipId(): void {
    this.#nextId += 1;
  }

  exists(id: number): boolean {
    return ((this.#flags[id] ?? 0) & EXISTS) !== 0;
  }

  archived(id: number): boolean {
    return (this.#flags[id]! & ARCHIVED) !== 0;
  }

  /** True for a record made through the API: what nobody gave is empty, not generated. */
  blank(id: number): boolean {
    return (this.#flags[id]! & BLANK) !== 0;
  }

  /** Microseconds of the last writing transaction's start, or -1 when there is no such record. */
  readonly writtenAt = (id: number): number => (this.exists(id) ? this.#written[id]! : -1);

  createdSecond(id: number): number {
    return this.#created[id]!;
  }

  revision(id: number): number {
    return this.#revision[id]!;
  }

  values(id: number): WrittenValues | undefined {
    return this.#values.get(id);
  }

  insert(
    id: number,
    record: {
      readonly written: number;
      readonly created?: number;
      readonly archived?: boolean;
      readonly blank?: boolean;
    },
  ): void {
    if (id >= this.#flags.length) this.reserve(id * 2);
    this.#flags[id] =
      EXISTS | (record.archived === true ? ARCHIVED : 0) | (record.blank === true ? BLANK : 0);
    this.#written[id] = record.written;
    this.#created[id] = record.created ?? Math.floor(record.written / 1_000_000);
    this.#count += 1;
    this.index.move(id, undefined, record.written);
    this.changes += 1;
  }

  remove(id: number): boolean {
    if (!this.exists(id)) return false;
    this.index.move(id, this.#written[id]!, undefined);
    this.#flags[id] = 0;
    this.#values.delete(id);
    this.#count -= 1;
    this.changes += 1;
    return true;
  }

  /** `written` undefined leaves write_date as it is, as raw SQL does. */
  update(
    id: number,
    change: {
      readonly written?: number | undefined;
      readonly revise?: boolean;
      readonly archived?: boolean;
      readonly values?: WrittenValues;
    },
  ): boolean {
    if (!this.exists(id)) return false;
    if (change.written !== undefined) {
      this.index.move(id, this.#written[id]!, change.written);
      this.#written[id] = change.written;
    }
    if (change.revise === true) this.#revision[id]! += 1;
    if (change.archived !== undefined) {
      this.#flags[id] = change.archived ? this.#flags[id]! | ARCHIVED : this.#flags[id]! & ~ARCHIVED;
    }
    if (change.values !== undefined && change.values.size > 0) {
      const kept = this.#values.get(id) ?? new Map<string, string>();
      for (const [field, text] of change.values) kept.set(field, text);
      this.#values.set(id, kept);
    }
    this.changes += 1;
    return true;
  }

  /** What a module's installation does: every record in one moment. */
  touchAll(written: number): number {
    this.index.clear();
    for (let id = 1; id < this.#nextId; id += 1) {
      if (!this.exists(id)) continue;
      this.#written[id] = written;
      this.index.move(id, undefined, written);
    }
    this.changes += 1;
    return this.#count;
  }
}
