import { SyncError } from './errors.js';

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

/** Whether a batch or resync is of a life. One that an engine without lives made, during an upgrade, is of whoever lives. */
export const isOfLife = (document: UserRef, { userKey, life }: UserRef): boolean =>
  document.userKey === userKey && (document.life ?? life) === life;

const ID_MOST = 200;
/** Control characters, and what begins a new line elsewhere. */
const UNTYPABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** @throws SyncError `invalid` for what can't be a new user's id. */
export function checkUserId(id: UserId): void {
  const fault = idFault(id);
  if (fault === null) return;
  throw new SyncError('invalid', `expected the id of a user, of 1 to ${ID_MOST} characters, but ${fault}`);
}

function idFault(id: UserId): string | null {
  if (typeof id !== 'string') return null;
  if (id.trim() === '') return 'it is empty';
  // A lone half of a pair has no bytes of its own: two ids would have one key.
  if (UNTYPABLE.test(id) || !id.isWellFormed()) return 'it holds control characters, or half of one';
  const length = [...id].length;
  return length > ID_MOST ? `it has ${length} characters, and ${ID_MOST} is the most` : null;
}

const KEY = /^(?:~~[0-9a-f]{24}|(?:[A-Za-z0-9_-]|~[0-9a-f]{2})+)$/;

/**
 * The key of the user that a person or a program names: the one rule of command line and API. A key, as everything shows it, is
 * that key; any other text is an id. So no id, however it is made, stands in the way of another user's key.
 */
export const userKeyBy = (text: string): string => (isKey(text) ? text : userKeyOf(text));

/** Whether some id has this key: `~41` reads like one, but an `A` stays an `A`. */
function isKey(text: string): boolean {
  if (!KEY.test(text)) return false;
  if (text.startsWith('~~')) return true;
  try {
    return userKeyOf(decodeURIComponent(text.replaceAll('~', '%'))) === text;
  } catch {
    // Bytes that are no UTF-8 are of no id.
    return false;
  }
}

/** The id of a window's batch in the ledger: readable by an operator who meets it as a job id. */
export const batchIdOf = (userKey: string, module: string, start: Date): string =>
  `${userKey}.${module}.${start.toISOString().slice(0, 10)}`;

/** Between which ids a user's batches lie, or those of one of its modules: no key of a user or name of a module has a point in it. */
export function batchIdsOf(
  userKey: string,
  module?: string,
): { readonly from: string; readonly before: string } {
  const path = module === undefined ? userKey : `${userKey}.${module}`;
  return { from: `${path}.`, before: `${path}/` };
}

/** The document that a user's tail turns belong to. */
export const tailIdOf = (userKey: string): string => `tail-${userKey}`;

/** BullMQ's job id for one release of a turn's document. */
export const jobIdOf = (turnId: string, release: number): string => `${turnId}-${release}`;
