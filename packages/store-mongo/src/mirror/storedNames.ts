import { type FieldList, type SourceRecord, SyncError } from '@odoo-sync/core';

const ENGINES: readonly string[] = ['', '_id', 'userId', 'odooId'];

/** Names that no field of Odoo may have in the mirror: the engine's own, and what MongoDB reads as an operator or a path. */
export const isReserved = (name: string): boolean =>
  ENGINES.includes(name) ||
  name.startsWith('_sync') ||
  name.startsWith('$') ||
  name.includes('.') ||
  name.includes('\0');

/** Bytes of a value by its type; of the others, the value's own first four bytes tell. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [0x01, 8],
  [0x08, 1],
  [0x09, 8],
  [0x0a, 0],
  [0x10, 4],
  [0x12, 8],
]);
const STRING = 0x02;
const DOCUMENT = 0x03;
const LIST = 0x04;

/**
 * The second wall, behind the gate where answers come in: a record is stored with fields of its list only, none of them the engine's
 * own, each of a type that fields have. Anything else is a bug of the engine, and is not written.
 * @returns a check of one record, which throws SyncError `bug`.
 */
export function namesChecked({ fields }: FieldList): (record: SourceRecord) => void {
  const names = fields.map(({ name }) => name);
  const reserved = names.find(isReserved);
  if (reserved !== undefined)
    throw new SyncError('bug', `a field list holds the name ${JSON.stringify(reserved)}, which is reserved`);
  const keys = names.map((name) => Buffer.from(`${name}\0`));
  const known = new Set(names);
  return ({ odooId, document }) => {
    const bytes = Buffer.from(document.buffer, document.byteOffset, document.length);
    let next = 0;
    let at = 4;
    while (at < bytes.length - 1) {
      const type = bytes[at++] as number;
      const key = keys[next++];
      // Mostly the one that the list names next.
      if (key && startsWith(bytes, at, key)) at += key.length;
      else {
        const name = bytes.toString('utf8', at, bytes.indexOf(0, at));
        if (!known.has(name)) throw foreign(odooId, name);
        at += Buffer.byteLength(name) + 1;
        next = names.indexOf(name) + 1;
      }
      const size = sizeOf(bytes, type, at);
      at = size >= 0 ? at + size : Number.NaN;
    }
    if (at !== bytes.length - 1 || bytes[at] !== 0 || bytes.readInt32LE(0) !== bytes.length)
      throw new SyncError('bug', `the document of record ${odooId} is broken`);
  };
}

const foreign = (odooId: number, name: string): SyncError =>
  new SyncError(
    'bug',
    `record ${odooId} was to be written with a field that isn't in its list: ${JSON.stringify(name.slice(0, 100))}`,
  );

function startsWith(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let n = 0; n < key.length; n++) if (bytes[at + n] !== key[n]) return false;
  return true;
}

/** NaN, which breaks the document, for a type that no field has. */
function sizeOf(bytes: Buffer, type: number, at: number): number {
  if (type === STRING) return 4 + bytes.readInt32LE(at);
  if (type === DOCUMENT || type === LIST) return bytes.readInt32LE(at);
  return SIZES.get(type) ?? Number.NaN;
}
