import type { UnreadableRecord } from '@odoo-sync/core';
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
