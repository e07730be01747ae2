import { MongoError, MongoServerError } from 'mongodb';

const TOO_LARGE_FOR_CACHE = 388;
const EXCEEDED_LIFETIME = 290;
const TEMPORARILY_UNAVAILABLE = 365;
const EXCEEDED_MEMORY = 292;
const NO_SUCH_TRANSACTION = 251;
/** A transaction that old which is gone was ended by the server, for its age or for the cache's sake. */
const AGED_MS = 20_000;

/** Whether the server said, by code or by ending it, that a transaction was too much for it. */
export function isRefusal(error: unknown, ranForMs: number): boolean {
  if (!(error instanceof MongoError)) return false;
  const code = error instanceof MongoServerError ? error.code : (error as { code?: unknown }).code;
  if (code === NO_SUCH_TRANSACTION) return ranForMs > AGED_MS;
  return (
    code === TOO_LARGE_FOR_CACHE ||
    code === EXCEEDED_LIFETIME ||
    code === TEMPORARILY_UNAVAILABLE ||
    code === EXCEEDED_MEMORY
  );
}
