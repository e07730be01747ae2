import {
  type FieldList,
  knownNames,
  type SourceRecord,
  SyncError,
  type UnreadableRecord,
} from '@odoo-sync/core';
import { BSON, type Document } from 'mongodb';
import { isDocumentTooLarge, isOfSeveralWrites, isUnwritable, refusedWriteOf } from '../mongoErrors.js';

/** MongoDB refuses these records for what they are: the others of the window are committed without them. */
export class RecordsRefusedError extends Error {
  constructor(readonly records: readonly UnreadableRecord[]) {
    super(records[0]?.reason);
  }
}

const LARGEST_BYTES = 16 * 1024 * 1024;
const SAID = 300;

/** One write of a record: a document to insert, or an update. */
export interface RecordWrite {
  readonly odooId: number;
  readonly document: Document;
}

/**
 * Runs a write of several records. When the server, or the driver on the way there, refuses one of them for what it is, the error
 * names that record; every other error is thrown as it is.
 * @param writes asked only when the write failed.
 * @throws RecordsRefusedError
 */
export async function orRefused<T>(
  write: () => Promise<T>,
  writes: () => readonly RecordWrite[],
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const refused = refusedIn(writes(), error);
    throw refused.length > 0 ? new RecordsRefusedError(refused) : error;
  }
}

function refusedIn(writes: readonly RecordWrite[], error: unknown): readonly UnreadableRecord[] {
  if (isOfSeveralWrites(error)) {
    const refused = refusedWriteOf(error);
    const culprit = refused && writes[refused.index];
    return culprit ? [refusal(culprit, refused.reason)] : [];
  }
  return isUnwritable(error) || isDocumentTooLarge(error) ? writes.flatMap(whyUnwritable) : [];
}

function whyUnwritable(write: RecordWrite): UnreadableRecord[] {
  try {
    const bytes = BSON.calculateObjectSize(write.document);
    return bytes > LARGEST_BYTES
      ? [refusal(write, `it takes ${bytes} bytes, and a document of MongoDB ${LARGEST_BYTES} at most`)]
      : [];
  } catch (error) {
    return [refusal(write, error instanceof Error ? error.message : String(error))];
  }
}

const refusal = ({ odooId }: RecordWrite, why: string): UnreadableRecord => ({
  odooId,
  reason: `MongoDB doesn't take this record: ${why.slice(0, SAID)}`,
});

const ENGINES: readonly string[] = ['', '_id', 'userId', 'odooId'];

/** Names that no field of Odoo may have in the mirror: the engine's own, and what MongoDB reads as an operator or a path. */
export const isReserved = (name: string): boolean =>
  ENGINES.includes(name) ||
  name.startsWith('_sync') ||
  name.startsWith('$') ||
  name.includes('.') ||
  name.includes('\0');

/**
 * The second wall, behind the gate where answers come in: a record is stored with fields of its list only, none of them the engine's
 * own. Any other field is a bug of the engine, and is not written.
 * @returns a check of one record, which throws SyncError `bug`.
 */
export function namesChecked({ fields }: FieldList): (record: SourceRecord) => void {
  const names = new Set(fields.map(({ name }) => name));
  const reserved = [...names].find(isReserved);
  if (reserved !== undefined)
    throw new SyncError('bug', `a field list holds the name ${JSON.stringify(reserved)}, which is reserved`);
  const areListed = knownNames((own) => own.every((name) => names.has(name)));
  return ({ odooId, fields: values }) => {
    if (areListed(values)) return;
    const foreign = Object.keys(values).find((name) => !names.has(name)) ?? '';
    throw new SyncError(
      'bug',
      `record ${odooId} was to be written with a field that isn't in its list: ${JSON.stringify(foreign.slice(0, 100))}`,
    );
  };
}
