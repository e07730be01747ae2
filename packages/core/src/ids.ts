/** A tenant's id as its application gave it: a string, or an ObjectId, which stays one in everything stored. */
export type UserId = string | { toHexString(): string };

/**
 * A user in one of its lives. Removing a user and adding the same id again keeps the key and makes another life: whatever is
 * kept or carried of a user names its life, and what belongs to an ended one changes nothing.
 */
export interface UserRef {
  readonly userKey: string;
  /** Made once, when the user is added. */
  readonly life: string;
}

/**
 * The id as text for keys, job ids and URLs: unambiguous, and free of what BullMQ forbids in a job id (`:`).
 * A string keeps its letters, digits, `_` and `-`; other UTF-8 bytes become `~hh`. An ObjectId becomes `~~` and its hex,
 * which no string can produce.
 */
export function userKeyOf(id: UserId): string {
  if (typeof id !== 'string') return `~~${id.toHexString()}`;
  const text = new TextEncoder().encode(id);
  let key = '';
  for (const byte of text) {
    const char = String.fromCharCode(byte);
    key += /[A-Za-z0-9_-]/.test(char) ? char : `~${byte.toString(16).padStart(2, '0')}`;
  }
  return key;
}

/** The id of a window's batch in the ledger: readable by an operator who meets it as a job id. */
export const batchIdOf = (userKey: string, module: string, start: Date): string =>
  `${userKey}.${module}.${start.toISOString().slice(0, 10)}`;

/** The document that a user's tail turns belong to. */
export const tailIdOf = (userKey: string): string => `tail-${userKey}`;

/** BullMQ's job id for one release of a turn's document. */
export const jobIdOf = (doc: string, release: number): string => `${doc}-${release}`;
