import { MongoClient } from 'mongodb';
import { type FindOptions, findBinary } from './findBinary.js';
import { freePort } from './freePort.js';
import { memoryFolder } from './memoryFolder.js';
import { cleanOrphans } from './orphans.js';
import { type ServerProcess, startServerProcess } from './serverProcess.js';
import { onFreePort, untilUp } from './untilUp.js';

export interface StartMongoOptions extends FindOptions {
  /** Nodes of the replica set; one unless told. */
  readonly members?: 1 | 3;
  /** 1 unless told. */
  readonly wiredTigerCacheSizeGB?: number;
  /** Its data is kept in memory, where the machine has room for it: a new database is made in a fifth of the time. */
  readonly inMemory?: boolean;
}

export interface LocalMember {
  readonly port: number;
  readonly pid: number;
  kill(signal: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
  restart(): Promise<void>;
}

/** A private MongoDB replica set on 127.0.0.1. */
export interface LocalMongo {
  /** Without a database's name in its path. */
  readonly url: string;
  readonly members: readonly LocalMember[];
  /** The member that is primary now. */
  primary(): Promise<LocalMember>;
  /** Ends all members and removes their folders. */
  stop(): Promise<void>;
}

const SET = 'local';
const OPLOG_MB = 990;
const ELECTION_MS = 2_000;

/** Starts a replica set of this process's own and waits until it can be written to. */
export async function startMongo(options: StartMongoOptions): Promise<LocalMongo> {
  await cleanOrphans(options.log);
  const binary = await findBinary('mongodb', options);
  const parent = options.inMemory ? await memoryFolder() : undefined;
  const members: Member[] = [];
  const stop = async () => {
    await Promise.all(members.map(({ server }) => server.remove()));
  };
  try {
    const starts = Array.from({ length: options.members ?? 1 }, () =>
      onFreePort(() => startMember(binary.path, options.wiredTigerCacheSizeGB ?? 1, parent)),
    );
    const started = await Promise.allSettled(starts);
    for (const one of started) if (one.status === 'fulfilled') members.push(one.value);
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    await initiate(members);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `mongodb://${members.map(({ port }) => `127.0.0.1:${port}`).join(',')}/?replicaSet=${SET}`,
    members: members.map(localMember),
    async primary() {
      for (const member of members)
        if (await isPrimary(member.port).catch(() => false)) return localMember(member);
      throw new Error('no member is primary just now');
    },
    stop,
  };
}

interface Member {
  readonly port: number;
  readonly server: ServerProcess;
}

async function startMember(binary: string, cacheGB: number, parent?: string): Promise<Member> {
  const port = await freePort();
  const argumentsIn = (folder: string) => [
    ...[
      '--dbpath',
      folder,
      '--port',
      String(port),
      '--bind_ip',
      '127.0.0.1',
      '--nounixsocket',
      '--replSet',
      SET,
    ],
    ...['--wiredTigerCacheSizeGB', String(cacheGB), '--oplogSize', String(OPLOG_MB), '--quiet'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // A member would else wait 15 s at its end for clients to find another one.
    ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
  ];
  const server = await startServerProcess('mongod', binary, argumentsIn, parent);
  await untilUp('mongod', server, () => answers(port)).catch(async (error: unknown) => {
    await server.remove();
    throw error;
  });
  return { port, server };
}

async function initiate(members: readonly Member[]): Promise<void> {
  const [first] = members;
  if (!first) throw new Error('a replica set needs a member');
  await withClient(first.port, async (client) => {
    const hosts = members.map(({ port }, _id) => ({ _id, host: `127.0.0.1:${port}` }));
    const settings = { electionTimeoutMillis: ELECTION_MS, heartbeatIntervalMillis: 500 };
    await client.db('admin').command({ replSetInitiate: { _id: SET, members: hosts, settings } });
  });
  await untilUp('mongod', first.server, async () => {
    const states = await Promise.all(members.map(({ port }) => isPrimary(port).catch(() => false)));
    return states.includes(true);
  });
}

const localMember = ({ port, server }: Member): LocalMember => ({
  port,
  get pid() {
    return server.pid;
  },
  kill: (signal) => server.end(signal),
  signal: (name) => server.signal(name),
  async restart() {
    await server.restart();
    await untilUp('mongod', server, () => answers(port));
  },
});

const isPrimary = (port: number): Promise<boolean> =>
  withClient(
    port,
    async (client) => (await client.db('admin').command({ hello: 1 })).isWritablePrimary === true,
  );

const answers = (port: number): Promise<boolean> =>
  withClient(port, async (client) => (await client.db('admin').command({ ping: 1 })).ok === 1);

async function withClient<T>(port: number, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
