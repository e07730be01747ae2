import { BSON, type ClientSession, type Db, type Document, MongoServerError } from 'mongodb';
import { DocumentSequence } from 'mongodb/lib/cmap/commands.js';
import { refusalIn, type WriteError } from '../mongoErrors.js';
import { RecordsRefusedError, refusal } from './refusedRecords.js';

/** One statement of a command, as the bytes of its BSON document. */
export interface RawStatement {
  readonly odooId: number;
  readonly bytes: Uint8Array;
}

const DOCUMENT = Uint8Array.of(3);
const ZERO = Uint8Array.of(0);
const LARGEST_BYTES = 16 * 1024 * 1024;
/** A message may have 48,000,000. */
const COMMAND_BYTES = 32 * 1024 * 1024;

/** Where statements go. */
export interface RawTarget {
  readonly db: Db;
  readonly collection: string;
  readonly session: ClientSession;
}

/**
 * Writes documents, or runs updates, whose bytes are there already: the driver's own methods would make them of objects. A
 * command's statements travel as the driver's bulk writes do, in a sequence of documents behind the command.
 * @returns how many documents the server counts.
 * @throws RecordsRefusedError when the server refuses one of them for what it is; every other error as the driver throws it.
 */
export async function writeRaw(
  target: RawTarget,
  kind: 'insert' | 'update',
  statements: readonly RawStatement[],
): Promise<number> {
  const large = statements.filter(({ bytes }) => bytes.length > LARGEST_BYTES);
  if (large.length > 0) throw new RecordsRefusedError(large.map(tooLarge));
  let count = 0;
  for (const some of inCommands(statements)) count += await runCommand(target, kind, some);
  return count;
}

const tooLarge = ({ odooId, bytes }: RawStatement) =>
  refusal(odooId, `it takes ${bytes.length} bytes, and a document of MongoDB ${LARGEST_BYTES} at most`);

function* inCommands(statements: readonly RawStatement[]): Generator<readonly RawStatement[]> {
  let from = 0;
  let size = 0;
  for (const [n, { bytes }] of statements.entries()) {
    if (size + bytes.length > COMMAND_BYTES) {
      yield statements.slice(from, n);
      from = n;
      size = 0;
    }
    size += bytes.length;
  }
  if (from < statements.length) yield statements.slice(from);
}

async function runCommand(
  { db, collection, session }: RawTarget,
  kind: 'insert' | 'update',
  statements: readonly RawStatement[],
): Promise<number> {
  const sequence = new DocumentSequence(kind === 'insert' ? 'documents' : 'updates');
  // What a listener of the driver's would see of it: nothing of a record.
  for (const { odooId, bytes } of statements) sequence.push({ odooId }, bytes);
  const command = { [kind]: collection, [sequence.field]: sequence, ordered: true };
  const { n, writeErrors } = await db.command(command, { session });
  const [first] = (writeErrors ?? []) as readonly WriteError[];
  if (!first) return n as number;
  const reason = refusalIn(first);
  const culprit = statements[first.index];
  throw reason !== null && culprit
    ? new RecordsRefusedError([refusal(culprit.odooId, reason)])
    : new MongoServerError({ ...first });
}

/** The elements of a document without what holds them together: several such make another document. */
export const elementsOf = (document: Document): Uint8Array => elementsIn(BSON.serialize(document));

/** @param bytes of a whole document. */
export const elementsIn = (bytes: Uint8Array): Uint8Array => bytes.subarray(4, -1);

/** A document of elements. */
export function documentOf(...elements: readonly Uint8Array[]): Buffer {
  const length = elements.reduce((sum, part) => sum + part.length, 5);
  const document = Buffer.allocUnsafe(length);
  let to = document.writeInt32LE(length, 0);
  for (const part of elements) {
    document.set(part, to);
    to += part.length;
  }
  document[to] = 0;
  return document;
}

/** An element that holds a document. */
export function elementOf(name: string, document: Uint8Array): Buffer {
  return Buffer.concat([DOCUMENT, Buffer.from(name), ZERO, document]);
}
