import { SyncError } from '@odoo-sync/core';
import { MongoClient } from 'mongodb';

const OLDEST_SERVER = 5;

export interface Connected {
  readonly client: MongoClient;
  readonly database: string;
  /** The replica set's name; a sharded cluster's stands as `sharded`. */
  readonly server: string;
}

/**
 * Connects and checks that the server can do what the engine needs.
 * @throws SyncError `configuration` for a URL that is none, a server that is too old or has no replica set; `transient` for one that doesn't answer.
 */
export async function connect(
  url: string,
  options: { readonly connectTimeoutMs: number; readonly appName: string },
): Promise<Connected> {
  const client = clientOf(url, options);
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    const server =
      typeof hello.setName === 'string' ? hello.setName : hello.msg === 'isdbgrid' ? 'sharded' : null;
    if (server === null) {
      throw new SyncError(
        'configuration',
        'MongoDB runs without a replica set, but commits need transactions: start it with --replSet and call rs.initiate() once (one node is enough), then start again',
      );
    }
    const { version } = await client.db('admin').command({ buildInfo: 1 });
    if (Number.parseInt(String(version), 10) < OLDEST_SERVER) {
      throw new SyncError(
        'configuration',
        `MongoDB ${version} is too old: ${OLDEST_SERVER}.0 or later is needed`,
      );
    }
    return { client, database: client.options.dbName, server };
  } catch (error) {
    await client.close();
    if (error instanceof SyncError) throw error;
    throw new SyncError(
      'transient',
      `MongoDB did not answer within ${options.connectTimeoutMs} ms (${messageOf(error)}): check MONGODB_URL, that the server runs and can be reached, and that its replica set was initiated (rs.initiate(), once)`,
      {
        cause: error,
      },
    );
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

/** The driver's word on a URL may repeat any piece of it: then it isn't told. */
function harmless(message: string, url: string): string {
  const [, secret = url] = /\/\/(.*)@/s.exec(url) ?? [];
  const told = secret.split(/[:/@]/).some((piece) => piece !== '' && message.includes(piece));
  return told ? 'it must read mongodb://user:password@host:27017/database?replicaSet=name' : message;
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\/\/[^@/]*@/g, '//***@');
