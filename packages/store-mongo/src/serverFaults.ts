import { SyncError } from '@odoo-sync/core';
import type { Document } from 'mongodb';
import { isUnauthenticated, isUnauthorized } from './mongoErrors.js';

export const OLDEST_SERVER = 5;

const NO_REPLICA_SET =
  'MongoDB runs without a replica set, but commits need transactions: start it with --replSet and call rs.initiate() once (one node is enough), then start again';
const NOT_INITIATED =
  'MongoDB runs with --replSet, but its replica set was never initiated: call rs.initiate() once, then start again';

const configuration = (message: string, cause?: unknown): SyncError =>
  new SyncError('configuration', message, { cause });

export const withoutReplicaSet = (): SyncError => configuration(NO_REPLICA_SET);

export const tooOld = (version: string): SyncError =>
  configuration(
    `MongoDB ${version} is too old: ${OLDEST_SERVER}.0 or later is needed; upgrade it, or name another server in MONGODB_URL`,
  );

/** The name of the set that a server belongs to; null for one that stands alone. */
export function serverOf(hello: Document): string | null {
  if (typeof hello.setName === 'string') return hello.setName;
  return hello.msg === 'isdbgrid' ? 'sharded' : null;
}

/** Why a server that answers will never let this client work: trying again changes nothing. Null for any other fault. */
export function refusalOf(error: unknown): SyncError | null {
  // The driver refuses servers older than 4.4 by itself, and never learns their version.
  const [, wire] = /reports maximum wire version (\d+)/.exec(messageOf(error)) ?? [];
  if (wire !== undefined) return tooOld(`of wire version ${wire}`);
  if (isUnauthenticated(error))
    return configuration(
      `MongoDB refuses the user or password of MONGODB_URL (${messageOf(error)}): correct them there, and add authSource=DATABASE where the user is kept in another database than the URL names`,
      error,
    );
  if (isUnauthorized(error))
    return configuration(
      `MongoDB does not let the user of MONGODB_URL do what the engine needs (${messageOf(error)}): name a user there who has the role readWrite on the database`,
      error,
    );
  return null;
}

/**
 * Why a server that answered heartbeats could not be used. The driver drops a server that isn't what the URL says, and its error
 * says only that it found none.
 */
export function unfitOf(heard: Document | undefined, wantedSet: string | undefined): SyncError | null {
  if (heard === undefined) return null;
  if (heard.isreplicaset === true) return configuration(NOT_INITIATED);
  const set = serverOf(heard);
  if (set === null) return withoutReplicaSet();
  if (wantedSet === undefined || set === wantedSet) return null;
  return configuration(
    `MongoDB belongs to the replica set "${set}", but MONGODB_URL says replicaSet=${wantedSet}: correct it there`,
  );
}

/** A driver's message without the user and password of any URL in it. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\/\/[^@/]*@/g, '//***@');
