import { BSON, ObjectId } from 'mongodb';
import type { MirrorDocument } from '../collections.js';

/** What is asked of a stored document to tell whether a record is to be written. */
export const STORED = {
  odooId: 1,
  '_sync.hash': 1,
  '_sync.deletedAt': 1,
  '_sync.firstSeen': 1,
  '_sync.unread': 1,
} as const;

/** The same of it as an object. */
export type StoredDocument = Pick<MirrorDocument, '_id' | 'odooId' | '_sync'>;

/** What the mirror holds of a record. */
export interface StoredRecord {
  readonly odooId: number;
  /** Of its content; none where the document is a tombstone, or not the engine's yet. */
  readonly hash: string | undefined;
  /** Made when it is asked for: of a record that stays as it is, nobody needs it. */
  readonly document: () => StoredDocument;
}

const HASH_PLACE = '0123456789012345678901';
const WORD_BYTES = 8;

/** What nearly every document is but for four places: an id, a number, a date and a hash. */
const PLAIN = Buffer.from(
  BSON.serialize({
    _id: new ObjectId(),
    odooId: 0,
    _sync: { firstSeen: new Date(0), hash: HASH_PLACE, deletedAt: null },
  }),
);
const ODOO_ID_AT = PLAIN.indexOf('odooId\0') + 'odooId\0'.length;
const FIRST_SEEN_AT = PLAIN.indexOf('firstSeen\0') + 'firstSeen\0'.length;
const HASH_AT = PLAIN.indexOf(HASH_PLACE);
const HASH_END = HASH_AT + HASH_PLACE.length;
/** From and to: what is the same in all of them. */
const FIXED = [
  [0, PLAIN.indexOf('_id\0') + '_id\0'.length],
  [ODOO_ID_AT - '_odooId\0'.length, ODOO_ID_AT],
  [ODOO_ID_AT + 4, FIRST_SEEN_AT],
  [FIRST_SEEN_AT + WORD_BYTES, HASH_AT],
  [HASH_END, PLAIN.length],
] as const;

const isPlain = (bytes: Buffer): boolean =>
  bytes.length === PLAIN.length &&
  FIXED.every(([from, to]) => bytes.compare(PLAIN, from, to, from, to) === 0);

/** Reads a stored document, of which {@link STORED} was asked. @param raw its BSON. */
export function storedRecord(raw: Uint8Array): StoredRecord {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const document = () => BSON.deserialize(bytes) as StoredDocument;
  if (isPlain(bytes))
    return {
      odooId: bytes.readInt32LE(ODOO_ID_AT),
      hash: bytes.toString('latin1', HASH_AT, HASH_END),
      document,
    };
  const { odooId, _sync } = document();
  return { odooId, hash: _sync?.deletedAt ? undefined : _sync?.hash, document };
}
