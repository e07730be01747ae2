import { SyncError } from '@odoo-sync/core';
import { type Document, MongoClient } from 'mongodb';
import {
  messageOf,
  OLDEST_SERVER,
  refusalOf,
  serverOf,
  tooOld,
  unfitOf,
  withoutReplicaSet,
} from './serverFaults.js';

export interface Connected {
  readonly client: MongoClient;
  readonly database: string;
  /** The name of the replica set; `sharded` for a sharded cluster. */
  readonly server: string;
}

/**
 * Connects and checks that the server can do what the engine needs.
 * @throws SyncError `configuration` for an invalid URL, and for a server that refuses its user, is too old or has no replica set;
 *   `transient` for one that doesn't answer.
 */
export async function connect(
  url: string,
  options: { readonly connectTimeoutMs: number; readonly appName: string },
): Promise<Connected> {
  const client = clientOf(url, options);
  const heard: Document[] = [];
  client.on('serverHeartbeatSucceeded', ({ reply }) => {
    heard[0] = reply;
  });
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    const server = serverOf(hello);
    if (server === null) throw withoutReplicaSet();
    const { version } = await client.db('admin').command({ buildInfo: 1 });
    if (Number.parseInt(String(version), 10) < OLDEST_SERVER) throw tooOld(String(version));
    return { client, database: client.options.dbName, server };
  } catch (error) {
    await client.close();
    if (error instanceof SyncError) throw error;
    throw (
      refusalOf(error) ??
      unfitOf(heard[0], client.options.replicaSet) ??
      new SyncError(
        'transient',
        `MongoDB did not answer within ${options.connectTimeoutMs} ms (${messageOf(error)}): check MONGODB_URL, that a MongoDB runs there and can be reached, and that a member of its replica set is primary`,
        { cause: error },
      )
    );
  } finally {
    client.removeAllListeners('serverHeartbeatSucceeded');
  }
}

function clientOf(url: string, options: Parameters<typeof connect>[1]): MongoClient {
  try {
    return new MongoClient(url, {
      appName: options.appName,
      serverSelectionTimeoutMS: options.connectTimeoutMs,
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority' },
      readPreference: 'primary',
      ignoreUndefined: true,
    });
  } catch (error) {
    throw new SyncError('configuration', `MONGODB_URL can't be used: ${harmless(messageOf(error), url)}`);
  }
}

/** The driver's message on a URL may repeat any piece of it: then a message of our own takes its place. */
function harmless(message: string, url: string): string {
  const from = url.indexOf('//') + 2;
  const to = url.lastIndexOf('@');
  const secret = from >= 2 && from <= to ? url.slice(from, to) : url;
  const told = secret.split(/[:/@]/).some((piece) => piece !== '' && message.includes(piece));
  return told ? 'it must read mongodb://user:password@host:27017/database?replicaSet=name' : message;
}
