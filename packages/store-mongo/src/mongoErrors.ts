import { type Document, MongoError } from 'mongodb';

/** The codes of MongoDB's server on which the engine acts, by the server's own names where there is one. */
const CODES = {
  BadValue: 2,
  FailedToParse: 9,
  /** The user of the connection has no right to that. */
  Unauthorized: 13,
  /** A document that is nested too deeply. */
  Overflow: 15,
  AuthenticationFailed: 18,
  InvalidBSON: 22,
  IndexNotFound: 27,
  /** The `maxTimeMS` of a command are over. */
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  EmptyFieldName: 56,
  DottedFieldName: 57,
  /** The index exists with other options, or under another name. */
  IndexOptionsConflict: 85,
  /** An index of that name exists on other fields. */
  IndexKeySpecsConflict: 86,
  /** Another transaction holds what this one wants to write. */
  WriteConflict: 112,
  /** The validation rules that somebody gave the collection. */
  DocumentValidationFailure: 121,
  NoSuchTransaction: 251,
  TransactionExceededLifetimeLimitSeconds: 290,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  /** The server's cache is under pressure. */
  TemporarilyUnavailable: 365,
  TransactionTooLargeForCache: 388,
  /** What MongoDB Atlas says instead of `AuthenticationFailed`. */
  AtlasError: 8000,
  BSONObjectTooLarge: 10_334,
  DuplicateKey: 11_000,
  /** Has no name: the document is too large after the update. */
  UpdatedTooLarge: 17_419,
  /** Has no name: the document of an upsert is too large. */
  UpsertedTooLarge: 17_420,
} as const;

type CodeName = keyof typeof CODES;

/** What a server says of one document: its size, depth or keys, or the rules that somebody gave the collection. */
const OF_A_DOCUMENT: readonly CodeName[] = [
  'BadValue',
  'FailedToParse',
  'Overflow',
  'InvalidBSON',
  'DollarPrefixedFieldName',
  'EmptyFieldName',
  'DottedFieldName',
  'DocumentValidationFailure',
  'BSONObjectTooLarge',
  'UpdatedTooLarge',
  'UpsertedTooLarge',
];

const isOneOf = (code: unknown, names: readonly CodeName[]): boolean =>
  names.some((name) => CODES[name] === code);

const withCode =
  (...names: readonly CodeName[]) =>
  (error: unknown): error is MongoError =>
    error instanceof MongoError && isOneOf(error.code, names);

const withLabel =
  (label: string) =>
  (error: unknown): boolean =>
    error instanceof MongoError && error.hasErrorLabel(label);

/** A unique index keeps the document out. */
export const isDuplicateKey = withCode('DuplicateKey');

/** The server knows the user, and doesn't let it do that. */
export const isUnauthorized = withCode('Unauthorized');

/** The server doesn't know the user, or not with this password. */
export const isUnauthenticated = withCode('AuthenticationFailed', 'AtlasError');

/** Another transaction holds what this one wants to write. */
export const isWriteConflict = withCode('WriteConflict');

/** The time that a command was given is over. */
export const isOutOfTime = withCode('MaxTimeMSExpired');

/** There is no index of that name. */
export const isNoSuchIndex = withCode('IndexNotFound');

/** An index with these fields, or of this name, exists and isn't the one that was asked for. */
export const isIndexConflict = withCode('IndexOptionsConflict', 'IndexKeySpecsConflict');

/** The very index exists under another name: the server says so only when everything but the name is equal. */
export const isIndexUnderAnotherName = (error: unknown): boolean =>
  withCode('IndexOptionsConflict')(error) && /already exists with a different name/.test(error.message);

/** The server's cache or memory can't hold the transaction, or the transaction took too long. */
export const isTooMuchForServer = withCode(
  'TransactionTooLargeForCache',
  'TransactionExceededLifetimeLimitSeconds',
  'TemporarilyUnavailable',
  'QueryExceededMemoryLimitNoDiskUseAllowed',
);

/** The transaction is gone: the server ended it, or never had it. */
export const isNoSuchTransaction = withCode('NoSuchTransaction');

/** The whole transaction may be run again. */
export const isTransient = withLabel('TransientTransactionError');

/** Nobody knows whether the commit happened. */
export const isUnknownCommit = withLabel('UnknownTransactionCommitResult');

/** Nobody knows whether a write outside of a transaction happened: the driver has tried it twice. */
export const isUnknownWrite = withLabel('RetryableWriteError');

/** The values that two documents share after {@link isDuplicateKey}; empty when the server doesn't tell. */
export const duplicateOf = (error: MongoError): Document =>
  (error as { readonly keyValue?: Document }).keyValue ?? {};

/** One entry of a command's `writeErrors`. */
export interface WriteError {
  /** Which of the command's writes it was. */
  readonly index: number;
  readonly code: number;
  readonly errmsg: string;
}

/** What an entry of a command's `writeErrors` says of a document that the server refuses for what it is; null for any other reason. */
export const refusalIn = ({ code, errmsg }: WriteError): string | null =>
  isOneOf(code, OF_A_DOCUMENT) ? errmsg : null;
