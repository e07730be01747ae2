import type { SurveyedDay } from '../history.js';
import type { ModuleName } from '../modules.js';
import type { OdooTime } from '../time.js';
import type { Window } from '../windows.js';

/** Where a user's Odoo is. Never changes for a user. */
export interface SourceAddress {
  readonly url: string;
  readonly db: string;
}

export interface Credentials {
  readonly kind: 'apiKey' | 'password';
  readonly login: string;
  readonly secret: string;
}

export interface FieldSpec {
  readonly name: string;
  /** Odoo's type as `fields_get` names it: `char`, `many2one`, `datetime`, ... */
  readonly type: string;
}

/** The fields mirrored of one (user, module): kept in the store with its schema, so that every worker reads the same. */
export interface FieldList {
  readonly fields: readonly FieldSpec[];
  /** Wanted but not offered by this server to this user. */
  readonly dropped: readonly string[];
  /** Digest of the decoder's version and the list: part of every content hash. */
  readonly version: string;
}

/** One record, decoded: see docs/reading.md for the types of the values. */
export interface SourceRecord {
  readonly odooId: number;
  readonly writeDate: Date;
  /** Hash of every stored field that is not volatile, with the versions of decoder and field list. */
  readonly hash: string;
  /** Its fields as a BSON document, in the list's order: what is stored. */
  readonly document: Uint8Array;
  /** The same as objects, made of the document by whoever asks. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that Odoo failed to tell of this record, or told as what they can't be; null in the document. Absent where there are none. */
  readonly unread?: readonly string[];
}

/** A record that Odoo can't read, not even its stored fields, or that can't be told as it is: without a date, or too large. */
export interface UnreadableRecord {
  readonly odooId: number;
  /** What Odoo said, or what is wrong with it. */
  readonly reason: string;
}

export interface SourcePage {
  readonly records: readonly SourceRecord[];
  /** Found on the way and left out. */
  readonly unreadable: readonly UnreadableRecord[];
  /** The answer as it came: from it the same records can be had again, and it takes a fraction of their room. */
  readonly packed: Uint8Array;
  /** The records of these bytes. */
  unpack(packed: Uint8Array): readonly SourceRecord[];
  /** From the request to the end of the answer. */
  readonly ms: number;
}

/** How large the pages of one (user, module) may be, where larger ones proved too heavy for its Odoo or a proxy before it. */
export interface PageCeiling {
  /** The most records of a page. */
  readonly rows: number;
  /** How many full pages come before a larger one is tried. */
  readonly patience: number;
}

/** Of pages of whole records, and of pages of (id, write_date); null where none was too heavy. */
export interface PageCeilings {
  readonly full: PageCeiling | null;
  readonly light: PageCeiling | null;
}

export interface LightRow {
  readonly odooId: number;
  readonly writeDate: Date;
}

export interface LightPage {
  readonly rows: readonly LightRow[];
  /** Records whose date can't be had: left out. */
  readonly unreadable: readonly UnreadableRecord[];
  /** Odoo's `Date` on the answer. */
  readonly date: OdooTime;
  /** Of the last row, dated or not. */
  readonly lastId: number;
}

/** A range of `write_date`: from `start`, or from ever, to before `end`. */
export interface TimeRange {
  readonly start: Date | null;
  readonly end: Date;
}

export interface SourceClock {
  /** `Date` of the last answer: everything committed before it is seen by any later request. */
  readonly lastAnswer: OdooTime;
  /** `lastAnswer` plus the time gone since: Odoo's clock now, to the second below. */
  readonly now: OdooTime;
  /** How far ahead Odoo's clock is, in milliseconds, where that is too far to be believed: then another serves. */
  readonly offMs: number | null;
}

/**
 * A session with one user's Odoo. Every method takes a signal that ends it in the middle of a page, and throws
 * {@link SyncError} with the kind that engine and table give the fault.
 */
export interface Source {
  readonly serverVersion: string;
  readonly transport: 'json2' | 'jsonrpc';
  clock(): SourceClock;
  /** One cheap request, for its `Date`. */
  touch(signal: AbortSignal): Promise<void>;
  /** The `database.uuid`, which every Odoo database has of its own; null where the login may not read it. */
  databaseUuid(signal: AbortSignal): Promise<string | null>;
  /** The wanted fields that the server offers. Throws `access` when the model can't be read. */
  describe(module: ModuleName, signal: AbortSignal): Promise<FieldList>;
  /** How many records each day (UTC, from midnight) of a range holds. Days that hold none are left out. */
  survey(module: ModuleName, range: TimeRange, signal: AbortSignal): Promise<readonly SurveyedDay[]>;
  /** Whether any record lies in a range: asked as {@link window} asks. */
  holds(module: ModuleName, range: TimeRange, signal: AbortSignal): Promise<boolean>;
  /** How many records lie in any of some ranges: asked with the terms of {@link window}, so that none means that it finds none. */
  count(module: ModuleName, ranges: readonly TimeRange[], signal: AbortSignal): Promise<number>;
  /** The deterministic fetch of a window: pages in id order until an empty one. */
  window(
    module: ModuleName,
    fields: FieldList,
    window: Window,
    signal: AbortSignal,
  ): AsyncIterable<SourcePage>;
  /** (id, write_date) of everything changed at or after an instant, in id order. */
  light(module: ModuleName, from: Date, signal: AbortSignal): AsyncIterable<LightPage>;
  /** (id, write_date) of every record above an id, whatever its date, in id order. */
  ids(module: ModuleName, afterId: number, signal: AbortSignal): AsyncIterable<LightPage>;
  /** Which of these ids (ascending) are records of the module. */
  existing(module: ModuleName, odooIds: readonly number[], signal: AbortSignal): Promise<ReadonlySet<number>>;
  /** Records by their ids (ascending); those that are gone are left out. */
  read(
    module: ModuleName,
    fields: FieldList,
    odooIds: readonly number[],
    signal: AbortSignal,
  ): AsyncIterable<SourcePage>;
  /** What this session knows of a module's too heavy pages. */
  pageCeilings(module: ModuleName): PageCeilings;
  /** What the ledger knows of them: told before the module is read. */
  knowPageCeilings(module: ModuleName, ceilings: PageCeilings): void;
  /** Pause between two requests, in milliseconds: `API_CALL_DELAY_MS`, or more under throttling. */
  setPace(delayMs: number): void;
  /** Ends whatever is left of the session. */
  close(): void;
}

/** Opens sessions; detects version and transport. `language` goes before `ODOO_LANG`. */
export type OpenSource = (
  address: SourceAddress,
  credentials: Credentials,
  signal: AbortSignal,
  language?: string | null,
) => Promise<Source>;
