import { blankRender } from './blank.js';
import { ByteRun } from './byteRun.js';
import { fieldsOf } from './fieldTable.js';
import { rendersOf } from './generate/renders.js';
import { type Render, type Row, stableNumber, type World, withHead } from './generate/row.js';
import { type JsonWriter, jsonWriterFor } from './pythonJson.js';
import { mix } from './random.js';
import type { Table } from './table.js';

/** Records joined before they are flattened; see ByteRun. */
const BUNDLE = 32;
/** One for the process: a page is written from beginning to end without a pause. */
const run = new ByteRun();

interface Column {
  readonly name: string;
  /** `, "name": ` with the quotes and the comma that stand before a value. */
  readonly head: string;
  readonly render: Render;
  readonly headed: (row: Row) => string;
  readonly blank: Render;
  readonly linked: boolean;
}

/** Writes records of one table as the JSON that Odoo sends. Keeps one compiled list of columns for each field list asked. */
export class PageWriter {
  readonly #table: Table;
  readonly #world: World;
  readonly #version: number;
  readonly #write: JsonWriter;
  readonly #plans = new Map<string, readonly Column[]>();
  readonly #row: Row;
  readonly #parts: string[] = [];

  constructor(table: Table, world: World, version: number) {
    this.#table = table;
    this.#world = world;
    this.#version = version;
    this.#write = jsonWriterFor(version);
    this.#row = {
      world,
      id: 0,
      stable: 0,
      revised: 0,
      revision: 0,
      active: true,
      writtenSecond: 0,
      createdSecond: 0,
      nowSecond: 0,
    };
  }

  /** One page: a JSON array of the records, in the order given; to be used before the next is written. `bareIds` is Odoo's `load: null`. */
  page(ids: Iterable<number>, fields: readonly string[], nowMs: number, bareIds = false): Buffer {
    const columns = this.#plan(fields);
    let bundle = '[';
    let inBundle = 0;
    let separator = '';
    for (const id of ids) {
      bundle += separator + this.#record(id, columns, nowMs, bareIds);
      separator = ', ';
      inBundle += 1;
      if (inBundle < BUNDLE) continue;
      run.add(bundle);
      bundle = '';
      inBundle = 0;
    }
    run.add(`${bundle}]`);
    return run.take();
  }

  /** The JSON text of one value. */
  value(id: number, field: string, nowMs: number): string {
    if (field === 'id') return `${id}`;
    const column = this.#plan([field])[0]!;
    this.#turnTo(id, nowMs);
    return (
      this.#table.values(id)?.get(field) ?? (this.#table.blank(id) ? column.blank : column.render)(this.#row)
    );
  }

  /** A record's seed row, for pool renders that can be compared without writing them. */
  rowOf(id: number): Row {
    this.#turnTo(id, 0);
    return this.#row;
  }

  render(field: string): Render {
    return rendersOf(this.#version, this.#table.model)[field]!;
  }

  #record(id: number, columns: readonly Column[], nowMs: number, bareIds: boolean): string {
    this.#turnTo(id, nowMs);
    const row = this.#row;
    const values = this.#table.values(id);
    const blank = this.#table.blank(id);
    let text = `{"id": ${id}`;
    if (values === undefined && !blank && !bareIds) {
      const parts = this.#parts;
      parts.length = columns.length;
      for (let i = 0; i < columns.length; i += 1) parts[i] = columns[i]!.headed(row);
      return `${text + parts.join('')}}`;
    }
    for (const column of columns) {
      const value = values?.get(column.name) ?? (blank ? column.blank : column.render)(row);
      text +=
        column.head +
        (bareIds && column.linked && value !== 'false' ? value.slice(1, value.indexOf(',')) : value);
    }
    return `${text}}`;
  }

  #turnTo(id: number, nowMs: number): void {
    const table = this.#table;
    const row = this.#row;
    row.id = id;
    row.stable = stableNumber(this.#world, table.model, id);
    row.revision = table.revision(id);
    row.revised = mix(row.stable + Math.imul(row.revision, 0x61c88647));
    row.active = !table.archived(id);
    row.writtenSecond = Math.floor(table.writtenAt(id) / 1_000_000);
    row.createdSecond = table.createdSecond(id);
    row.nowSecond = Math.floor(nowMs / 1000);
  }

  #plan(fields: readonly string[]): readonly Column[] {
    const key = fields.join();
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const infos = fieldsOf(this.#version, this.#table.model);
    const renders = rendersOf(this.#version, this.#table.model);
    const plan = [...new Set(fields)]
      .filter((name) => name !== 'id')
      .map((name) => ({
        name,
        head: `, "${name}": `,
        render: renders[name]!,
        headed: withHead(renders[name]!, `, "${name}": `),
        blank: blankRender(this.#table.model, name, infos[name]!, renders[name]!, this.#write),
        linked: infos[name]!.type === 'many2one',
      }));
    if (this.#plans.size > 200) this.#plans.clear();
    this.#plans.set(key, plan);
    return plan;
  }
}
