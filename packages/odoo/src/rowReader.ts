import { isUtf8 } from 'node:buffer';
import type { FieldList } from '@odoo-sync/core';
import { BSON } from 'bson';
import { dateTimeAt, dayAt } from './dateBytes.js';
import { type Decoder, fieldListVersion, type OdooRow } from './decode.js';
import {
  ARRAY,
  BOOLEAN,
  DATE,
  DOCUMENT,
  DOUBLE,
  DocumentWriter,
  INT32,
  INT64,
  indexKey,
  isInt32,
  NULL,
  STRING,
} from './documentWriter.js';
import { type Conform, conformOf, UNREAD } from './fieldValue.js';
import {
  BACKSLASH,
  CLOSE,
  CLOSE_LIST,
  COLON,
  COMMA,
  DIGITS_MOST,
  DOT,
  endOfValue,
  hex4,
  isNumberEnd,
  isPlain,
  MINUS,
  NINE,
  OPEN,
  OPEN_LIST,
  QUOTE,
  ZERO,
} from './jsonBytes.js';
import { listAnswer } from './listAnswer.js';
import {
  bsonTyped,
  CONTENT_MOST_BYTES,
  type Decoded,
  EncodedRecord,
  hashOf,
  sorted,
  tooLarge,
} from './sourceRecord.js';

/** The rows of an answer, and the records that they are. */
export interface ReadRows {
  /** What a page is checked by: at least id and write_date. */
  readonly rows: readonly OdooRow[];
  readonly records: readonly Decoded[];
}

/** @returns null where the answer isn't such a list of rows as Odoo writes: whoever asked parses it then. */
export type RowReader = (body: Uint8Array) => ReadRows | null;

/** Powers of ten that a double holds exactly: a whole number of at most 15 digits by one of them is the nearest double. */
const POWERS = Array.from({ length: 23 }, (_, n) => 10 ** n);

/** What any column needs beside its name, and what its JSON has bytes for. */
const COLUMN_ROOM = 64;
const ITEM_ROOM = 32;

type Fast = 'text' | 'integer' | 'float' | 'boolean' | 'datetime' | 'date' | 'many2one' | 'ids' | null;
const FAST: ReadonlyMap<string, Fast> = new Map([
  ['char', 'text'],
  ['text', 'text'],
  ['html', 'text'],
  ['selection', 'text'],
  ['reference', 'text'],
  ['integer', 'integer'],
  ['many2one_reference', 'integer'],
  ['float', 'float'],
  ['monetary', 'float'],
  ['boolean', 'boolean'],
  ['datetime', 'datetime'],
  ['date', 'date'],
  ['many2one', 'many2one'],
  ['one2many', 'ids'],
  ['many2many', 'ids'],
]);

interface Column {
  readonly name: string;
  readonly type: string;
  readonly fast: Fast;
  /** As it stands in JSON, in its quotes. */
  readonly quoted: Uint8Array;
  /** As it stands in BSON, with a zero behind it. */
  readonly key: Uint8Array;
  readonly conform: Conform;
  readonly volatile: boolean;
}

/** Bytes of a document that its hash is not taken of as they are. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly instead: Uint8Array | null;
}

const ID_KEY = Buffer.from('id\0');
const NAME_KEY = Buffer.from('name\0');

/**
 * Makes the function that turns the bytes of an answer into the bytes of documents, in one pass. It is the gate of `createDecoder`
 * once more, for rows as Odoo writes them: fields in the order asked for, each value in the form of its type. Any other value is
 * parsed by itself and goes through the gate's own check of it; any other row is parsed and decoded; any other answer is left to
 * whoever asked. So whatever comes, the records are the decoder's, to the byte: a test holds the two together by random rows.
 *
 * @param decode the list's.
 */
export function createRowReader(
  { fields }: FieldList,
  volatile: readonly string[],
  decode: Decoder,
): RowReader | null {
  const columns = fields.map(
    ({ name, type }): Column => ({
      name,
      type,
      fast: FAST.get(type) ?? null,
      quoted: Buffer.from(JSON.stringify(name)),
      key: Buffer.from(`${name}\0`),
      conform: conformOf(type),
      volatile: volatile.includes(name),
    }),
  );
  const has = (wanted: string, type: string) =>
    fields.some(({ name, type: own }) => name === wanted && own === type);
  if (!has('id', 'integer') || !has('write_date', 'datetime')) return null;
  const version = Buffer.from(fieldListVersion(fields));
  return (body) => {
    const answer = listAnswer(body);
    if (!answer || !isUtf8(body)) return null;
    try {
      return new Reading(body, columns, { decode, version }).list(answer.start, answer.enveloped);
    } catch (error) {
      // A value that is no JSON: the whole answer is then parsed, and its fault told.
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  };
}

/** The reading of one answer: `at` goes through its bytes, and what is read of them is written. */
class Reading {
  readonly #body: Buffer;
  readonly #writer: DocumentWriter;
  #at = 0;
  /** What `#digits` read last. */
  #number = 0;
  /** Of the row that is read. */
  #id = 0;
  #writtenAt = 0;
  #writeDate = '';
  #unread: string[] = [];
  #edits: Edit[] = [];

  constructor(
    body: Uint8Array,
    private readonly columns: readonly Column[],
    private readonly plain: { readonly decode: Decoder; readonly version: Uint8Array },
  ) {
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.length);
    this.#writer = new DocumentWriter(body.length);
  }

  list(start: number, enveloped: boolean): ReadRows | null {
    const rows: OdooRow[] = [];
    const records: (Decoded | (() => Decoded))[] = [];
    this.#at = start + 1;
    this.#blanks();
    while (this.#body[this.#at] !== CLOSE_LIST) {
      if (rows.length > 0 && !this.#sign(COMMA)) return null;
      this.#blanks();
      const from = this.#at;
      const to = this.#writer.to;
      const record = this.#row();
      if (record) {
        rows.push({ id: this.#id, write_date: this.#writeDate });
        records.push(record);
      } else {
        this.#at = from;
        this.#writer.to = to;
        const row = this.#value();
        if (typeof row !== 'object' || row === null || Array.isArray(row)) return null;
        rows.push(row as OdooRow);
        records.push(this.plain.decode(row as OdooRow));
      }
      this.#blanks();
    }
    this.#at++;
    if (enveloped && !this.#sign(CLOSE)) return null;
    this.#blanks();
    if (this.#at !== this.#body.length) return null;
    // Only now: the buffer may have grown meanwhile.
    return { rows, records: records.map((record) => (typeof record === 'function' ? record() : record)) };
  }

  /** A row as Odoo writes it. @returns what makes its record; null for any other one. */
  #row(): (() => Decoded) | null {
    const writer = this.#writer;
    this.#id = Number.NaN;
    this.#writeDate = '';
    this.#unread = [];
    this.#edits = [];
    if (!this.#sign(OPEN)) return null;
    writer.room(this.plain.version.length + COLUMN_ROOM);
    const start = writer.to;
    writer.bytes(this.plain.version);
    const begun = writer.begin();
    for (let n = 0; n < this.columns.length; n++) {
      const column = this.columns[n] as Column;
      if (n > 0 && !this.#sign(COMMA)) return null;
      if (!this.#name(column)) return null;
      this.#room(COLUMN_ROOM + column.key.length);
      const { to } = writer;
      const from = this.#at;
      if (!this.#known(column)) {
        this.#at = from;
        writer.to = to;
        this.#other(column);
      }
      if (column.volatile) this.#edits.push({ from: to, to: writer.to, instead: null });
    }
    if (!this.#sign(CLOSE) || Number.isNaN(this.#id) || this.#writeDate === '') return null;
    writer.end(begun);
    return this.#recordOf(start, begun);
  }

  #recordOf(start: number, begun: number): () => Decoded {
    const odooId = this.#id;
    const bytes = this.#writer.to - begun;
    if (bytes > CONTENT_MOST_BYTES) {
      this.#writer.to = start;
      return () => ({ odooId, reason: tooLarge(bytes) });
    }
    const end = this.#writer.to;
    const written = new Date(this.#writtenAt);
    const unread = this.#unread;
    const lost = unread.filter((name) => !this.columns.find((column) => column.name === name)?.volatile);
    const { out } = this.#writer;
    const content =
      this.#edits.length === 0 ? out.subarray(start, end) : edited(out, { start, begun, end }, this.#edits);
    const hash = hashOf(content, lost);
    return () =>
      new EncodedRecord(
        odooId,
        written,
        hash,
        this.#writer.out.subarray(begun, end),
        unread.length > 0 ? unread : undefined,
      );
  }

  /** Text needs no more bytes in BSON than in JSON; all else has its own room. */
  #room(bytes: number): void {
    this.#writer.room(this.#body.length - this.#at + bytes);
  }

  #blanks(): void {
    const body = this.#body;
    let at = this.#at;
    for (let sign = body[at]; sign === 0x20 || sign === 0x0a || sign === 0x0d || sign === 0x09; )
      sign = body[++at];
    this.#at = at;
  }

  /** Whether a sign comes next, behind blanks; then it is passed. */
  #sign(sign: number): boolean {
    if (this.#body[this.#at] !== sign) {
      this.#blanks();
      if (this.#body[this.#at] !== sign) return false;
    }
    this.#at++;
    return true;
  }

  /** Whether a column's name and a colon come next; then they are passed, with the blanks behind. */
  #name({ quoted }: Column): boolean {
    this.#blanks();
    const body = this.#body;
    const at = this.#at;
    for (let n = 0; n < quoted.length; n++) if (body[at + n] !== quoted[n]) return false;
    this.#at = at + quoted.length;
    if (!this.#sign(COLON)) return false;
    this.#blanks();
    return true;
  }

  /** A word of JSON. */
  #word(word: string): boolean {
    const body = this.#body;
    const at = this.#at;
    for (let n = 0; n < word.length; n++) if (body[at + n] !== word.charCodeAt(n)) return false;
    this.#at = at + word.length;
    return true;
  }

  /** Odoo's word for what was never set, and JSON's. */
  #unset(column: Column): boolean {
    const sign = this.#body[this.#at];
    if (!(sign === 0x66 ? this.#word('false') : sign === 0x6e && this.#word('null'))) return false;
    this.#writer.element(NULL, column.key);
    return true;
  }

  /** A value in the form of its column's type. */
  #known(column: Column): boolean {
    switch (column.fast) {
      case 'text':
        if (this.#body[this.#at] !== QUOTE) return this.#unset(column);
        this.#writer.element(STRING, column.key);
        return this.#text();
      case 'many2one':
        return this.#body[this.#at] === OPEN_LIST ? this.#link(column) : this.#unset(column);
      case 'integer':
        return this.#integer(column);
      case 'float':
        return this.#float(column);
      case 'boolean':
        return this.#boolean(column);
      case 'datetime':
        return this.#body[this.#at] === QUOTE ? this.#dateTime(column) : this.#unset(column);
      case 'date':
        return this.#body[this.#at] === QUOTE ? this.#date(column) : this.#unset(column);
      case 'ids':
        return this.#ids(column);
      default:
        return false;
    }
  }

  #boolean(column: Column): boolean {
    const is = this.#word('true');
    if (!is && !this.#word('false')) return false;
    this.#writer.element(BOOLEAN, column.key);
    this.#writer.byte(is ? 1 : 0);
    return true;
  }

  #integer(column: Column): boolean {
    if (this.#unset(column)) return true;
    const value = this.#whole();
    if (Number.isNaN(value)) return false;
    if (column.name === 'id') this.#id = value;
    const fits = isInt32(value);
    this.#writer.element(fits ? INT32 : INT64, column.key);
    if (fits) this.#writer.int32(value);
    else this.#writer.int64(value);
    return true;
  }

  /** A number of at most 15 digits, without fraction. @returns NaN for anything else. */
  #whole(): number {
    const body = this.#body;
    const negative = body[this.#at] === MINUS;
    const first = this.#at + (negative ? 1 : 0);
    const end = this.#digits(first, 0);
    if (!isNumberEnd(body[end]) || !isPlain(body, first, end)) return Number.NaN;
    this.#at = end;
    return signed(this.#number, negative);
  }

  #float(column: Column): boolean {
    if (this.#unset(column)) return true;
    const body = this.#body;
    const negative = body[this.#at] === MINUS;
    const first = this.#at + (negative ? 1 : 0);
    let end = this.#digits(first, 0);
    if (!isPlain(body, first, end)) return false;
    let value = this.#number;
    if (body[end] === DOT) {
      const point = end + 1;
      end = this.#digits(point, value);
      const places = end - point;
      if (places === 0 || end - first - 1 > DIGITS_MOST) return false;
      value = this.#number / (POWERS[places] as number);
    }
    if (!isNumberEnd(body[end])) return false;
    this.#at = end;
    this.#writer.element(DOUBLE, column.key);
    this.#writer.double(signed(value, negative));
    return true;
  }

  /** Digits from `at` on, behind those of `before`: the number is left in `#number`. @returns where they end. */
  #digits(at: number, before: number): number {
    const body = this.#body;
    let value = before;
    let end = at;
    for (let sign = body[end] as number; sign >= ZERO && sign <= NINE; sign = body[++end] as number)
      value = value * 10 + sign - ZERO;
    this.#number = value;
    return end;
  }

  /** A text in its quotes, to a string of BSON. Half of a pair of surrogates, and a sign that JSON doesn't allow, is left to JSON.parse. */
  #text(): boolean {
    const writer = this.#writer;
    const body = this.#body;
    const { out } = writer;
    const start = writer.begin();
    let { to } = writer;
    let at = this.#at + 1;
    for (;;) {
      const sign = body[at++];
      if (sign === QUOTE) break;
      if (sign === undefined || sign < 0x20) return false;
      if (sign !== BACKSLASH) {
        out[to++] = sign;
        continue;
      }
      const code = this.#escaped(at);
      if (code < 0) return false;
      at += body[at] === 0x75 ? 5 : 1;
      if (code < 0x80) out[to++] = code;
      else if (code < 0x800) {
        out[to++] = 0xc0 | (code >> 6);
        out[to++] = 0x80 | (code & 0x3f);
      } else {
        out[to++] = 0xe0 | (code >> 12);
        out[to++] = 0x80 | ((code >> 6) & 0x3f);
        out[to++] = 0x80 | (code & 0x3f);
      }
    }
    this.#at = at;
    writer.to = to;
    writer.endString(start);
    return true;
  }

  /** The character that an escape means; -1 for a surrogate, and for what is no escape. @param at behind the backslash. */
  #escaped(at: number): number {
    switch (this.#body[at]) {
      case 0x6e:
        return 0x0a;
      case 0x74:
        return 0x09;
      case 0x72:
        return 0x0d;
      case 0x62:
        return 0x08;
      case 0x66:
        return 0x0c;
      case QUOTE:
      case BACKSLASH:
      case 0x2f:
        return this.#body[at] as number;
      case 0x75: {
        const code = hex4(this.#body, at + 1);
        return code >= 0xd800 && code < 0xe000 ? -1 : code;
      }
      default:
        return -1;
    }
  }

  #dateTime(column: Column): boolean {
    const at = this.#at + 1;
    if (this.#body[at + 19] !== QUOTE) return false;
    const ms = dateTimeAt(this.#body, at);
    if (Number.isNaN(ms)) return false;
    this.#at = at + 20;
    if (column.name === 'write_date') {
      this.#writtenAt = ms;
      this.#writeDate = this.#body.toString('latin1', at, at + 19);
    }
    this.#writer.element(DATE, column.key);
    this.#writer.int64(ms);
    return true;
  }

  #date(column: Column): boolean {
    const at = this.#at + 1;
    if (this.#body[at + 10] !== QUOTE || Number.isNaN(dayAt(this.#body, at))) return false;
    this.#writer.element(STRING, column.key);
    return this.#text();
  }

  /** `[5, "its name"]` */
  #link(column: Column): boolean {
    const writer = this.#writer;
    this.#at++;
    const id = this.#whole();
    if (Number.isNaN(id) || id === 0 || !isInt32(id)) return false;
    if (!this.#sign(COMMA)) return false;
    this.#blanks();
    if (this.#body[this.#at] !== QUOTE) return false;
    writer.element(DOCUMENT, column.key);
    const begun = writer.begin();
    writer.element(INT32, ID_KEY);
    writer.int32(id);
    writer.element(STRING, NAME_KEY);
    if (!this.#text() || !this.#sign(CLOSE_LIST)) return false;
    writer.end(begun);
    return true;
  }

  /** `[3, 1, 2]` */
  #ids(column: Column): boolean {
    const writer = this.#writer;
    if (!this.#sign(OPEN_LIST)) return false;
    const from = writer.to;
    writer.element(ARRAY, column.key);
    const begun = writer.begin();
    const ids: number[] = [];
    let rises = true;
    this.#blanks();
    if (this.#body[this.#at] === CLOSE_LIST) this.#at++;
    else
      for (;;) {
        const id = this.#whole();
        if (Number.isNaN(id) || id === 0 || !isInt32(id)) return false;
        this.#room(ITEM_ROOM);
        writer.element(INT32, indexKey(ids.length));
        writer.int32(id);
        rises &&= ids.length === 0 || id >= (ids[ids.length - 1] as number);
        ids.push(id);
        if (this.#sign(CLOSE_LIST)) break;
        if (!this.#sign(COMMA)) return false;
        this.#blanks();
      }
    this.#room(COLUMN_ROOM);
    writer.end(begun);
    if (!rises && !column.volatile) this.#edits.push(this.#ordered(column, ids, from));
    return true;
  }

  /** The ids of a column for the hash. */
  #ordered({ name }: Column, ids: readonly number[], from: number): Edit {
    return { from, to: this.#writer.to, instead: elementOf(name, sorted(ids)) };
  }

  /** Any other value goes the way of the plain decoder. */
  #other(column: Column): void {
    const raw = this.#value();
    const value = column.conform(raw);
    if (value === UNREAD) this.#unread.push(column.name);
    const from = this.#writer.to;
    const element = elementOf(column.name, value === UNREAD ? null : bsonTyped(column.type, value));
    this.#room(element.length + COLUMN_ROOM);
    element.copy(this.#writer.out, from);
    this.#writer.to += element.length;
    if (column.fast === 'ids' && Array.isArray(value) && !column.volatile) {
      const ids = sorted(value);
      if (ids !== value) this.#edits.push(this.#ordered(column, ids, from));
    }
  }

  /** Parses the value that comes next. @throws SyntaxError where it is none. */
  #value(): unknown {
    const end = endOfValue(this.#body, this.#at);
    const value: unknown = JSON.parse(this.#body.toString('utf8', this.#at, end));
    this.#at = end;
    return value;
  }
}

/** JSON's -0 is a 0: it would be another type of BSON's. */
const signed = (value: number, negative: boolean): number => (negative && value !== 0 ? -value : value);

const elementOf = (name: string, value: unknown): Buffer => {
  const document = BSON.serialize({ [name]: value });
  return Buffer.from(document.buffer, document.byteOffset + 4, document.length - 5);
};

/** Version and document, with the edits made. */
function edited(
  out: Buffer,
  { start, begun, end }: { readonly start: number; readonly begun: number; readonly end: number },
  edits: readonly Edit[],
): Buffer {
  const parts: Uint8Array[] = [out.subarray(start, begun), Buffer.alloc(4)];
  let from = begun + 4;
  for (const edit of edits) {
    parts.push(out.subarray(from, edit.from));
    if (edit.instead) parts.push(edit.instead);
    from = edit.to;
  }
  parts.push(out.subarray(from, end));
  const all = Buffer.concat(parts);
  all.writeInt32LE(all.length - (begun - start), begun - start);
  return all;
}
