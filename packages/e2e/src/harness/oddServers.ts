import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary, guard } from '@odoo-sync/local-servers';
import { type Listening, listening } from '@odoo-sync/testkit';
import { BSON, type Document, MongoClient } from 'mongodb';
import { until } from './until.js';

/** Takes connections and never says a word. */
export const startSilent = (): Promise<Listening> => listening(createServer());

/** A web server, as on a port that was mistaken. */
export const startWeb = (): Promise<Listening> =>
  listening(createHttpServer((_, answer) => answer.end('hello')));

/** A Redis of another version, as far as anybody asks before they use it. */
export function startOldRedis(version: string): Promise<Listening> {
  const info = `# Server\r\nredis_version:${version}\r\nloading:0\r\nmaxmemory_policy:noeviction\r\n`;
  const answers: Readonly<Record<string, string>> = {
    INFO: `$${info.length}\r\n${info}\r\n`,
    HELLO: "-ERR unknown command 'HELLO'\r\n",
    PING: '+PONG\r\n',
  };
  return listening(
    createServer((socket) => {
      socket.on('data', (data) => {
        for (const [, command = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g))
          socket.write(answers[command.toUpperCase()] ?? '+OK\r\n');
      });
    }),
  );
}

const OP_QUERY = 2004;
const HEADER = 16;

/** A primary of another version, as far as anybody asks before they use it. */
export async function startOldMongod(version: string, maxWireVersion: number): Promise<Listening> {
  const answerTo = (command: string, port: number): Document => {
    if (command === 'buildInfo') return { version, ok: 1 };
    const me = `127.0.0.1:${port}`;
    const role = { ismaster: true, isWritablePrimary: true, secondary: false, setName: 'rs0', setVersion: 1 };
    const limits = {
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
    };
    const times = { localTime: new Date(), logicalSessionTimeoutMinutes: 30 };
    return { ...role, ...limits, ...times, hosts: [me], me, minWireVersion: 0, maxWireVersion, ok: 1 };
  };
  const server = createServer((socket) => {
    let got = Buffer.alloc(0);
    socket.on('data', (data) => {
      got = Buffer.concat([got, data]);
      while (got.length >= HEADER && got.length >= got.readInt32LE(0)) {
        const message = got.subarray(0, got.readInt32LE(0));
        got = got.subarray(message.length);
        const isQuery = message.readInt32LE(12) === OP_QUERY;
        const command = isQuery
          ? 'hello'
          : (Object.keys(BSON.deserialize(message.subarray(HEADER + 5)))[0] ?? '');
        socket.write(reply(message, isQuery, answerTo(command, (server.address() as AddressInfo).port)));
      }
    });
  });
  return listening(server);
}

function reply(request: Buffer, isQuery: boolean, answer: Document): Buffer {
  const body = BSON.serialize(answer);
  const before = Buffer.alloc(isQuery ? 20 : 5);
  if (isQuery) before.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER);
  header.writeInt32LE(HEADER + before.length + body.length, 0);
  header.writeInt32LE(request.readInt32LE(4), 8);
  header.writeInt32LE(isQuery ? 1 : 2013, 12);
  return Buffer.concat([header, before, body]);
}

/** A real mongod, started as an operator might have. */
export async function startMongod(options: {
  readonly replSet?: string;
  /** Asks who is there. */
  readonly keyFile?: boolean;
}): Promise<Listening> {
  const { path } = await findBinary('mongodb', { log: () => {} });
  const folder = await mkdtemp(join(tmpdir(), 'odoo-sync-odd-mongod-'));
  const { port, close } = await startSilent();
  await close();
  const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
  args.push('--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '50');
  if (options.replSet) args.push('--replSet', options.replSet);
  if (options.keyFile) {
    const keyFile = join(folder, 'key');
    await writeFile(keyFile, 'a'.repeat(32));
    await chmod(keyFile, 0o400);
    args.push('--keyFile', keyFile);
  }
  const child = spawn(path, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const callOff = guard(child.pid ?? 0, folder);
  await until('mongod answers', () => withDirect(port, (client) => client.db('admin').command({ hello: 1 })));
  return {
    port,
    async close() {
      child.kill('SIGKILL');
      await exited;
      callOff();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Works on one mongod, whatever it is. */
export async function withDirect<T>(
  port: number,
  work: (client: MongoClient) => Promise<T>,
  user = '',
): Promise<T> {
  const url = `mongodb://${user}127.0.0.1:${port}/?directConnection=true`;
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Makes a mongod with a key file a set of one, with an administrator, somebody who may only read, and a writer. */
export async function initiateWithUsers(port: number, database: string): Promise<void> {
  await withDirect(port, async (client) => {
    const admin = client.db('admin');
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
    await admin.command({ replSetInitiate: { _id: 'rs0', members } });
    await until('it is primary', async () => (await admin.command({ hello: 1 })).isWritablePrimary === true);
    await admin.command({ createUser: 'admin', pwd: 'right', roles: ['root'] });
  });
  await withDirect(
    port,
    async (client) => {
      for (const [user, role] of [
        ['reader', 'read'],
        ['writer', 'readWrite'],
      ]) {
        await client.db('admin').command({ createUser: user, pwd: 'right', roles: [{ role, db: database }] });
      }
    },
    'admin:right@',
  );
}
