import { setTimeout as pause } from 'node:timers/promises';
import type { Binary, ClientSession, TransactionOptions } from 'mongodb';
import type { StoreContext } from './context.js';
import { isTransient, isUnauthorized, isUnknownCommit } from './mongoErrors.js';

export const TRANSACTION: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
};

const COMMIT_TRIES = 4;
const LEDGER_TRIES = 8;
const PAUSE_MS = 10;
const PAUSE_MOST_MS = 500;

/**
 * Runs one transaction, once: it is committed when `work` returns, and aborted when it throws. Only the commit itself is sent
 * again when its answer was lost, which is safe; a doomed transaction is never repeated here.
 */
export async function once<T>(session: ClientSession, work: () => Promise<T>): Promise<T> {
  session.startTransaction(TRANSACTION);
  try {
    const result = await work();
    await commitOpen(session);
    return result;
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction();
    throw error;
  }
}

/** Commits the open transaction. */
export async function commitOpen(session: ClientSession): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (tries >= COMMIT_TRIES || !isUnknownCommit(error)) throw error;
    }
  }
}

/** Runs a small transaction, and again, a few times, after transient conflicts. */
export async function repeated<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (error) {
      if (tries >= LEDGER_TRIES || !isTransient(error)) throw error;
      await pause(Math.random() * Math.min(PAUSE_MOST_MS, PAUSE_MS * 2 ** tries));
    }
  }
}

/** A small transaction of the ledger on a session of its own. */
export const ledgerTransaction = <T>(
  { client }: Pick<StoreContext, 'client'>,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> => client.withSession((session) => repeated(() => once(session, () => work(session))));

/**
 * Ends a dead holder's session and with it whatever transaction it left open. A deployment that forbids it (a role
 * without the right to its own sessions) still works: the fence is then free when the server ends the transaction.
 */
export async function killSession({ client, log }: StoreContext, id: Binary): Promise<void> {
  try {
    await client.db('admin').command({ killSessions: [{ id }] });
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    log.warn(
      { reason: error.message },
      'not allowed to kill the session of a dead worker: its lane frees itself later',
    );
  }
}
