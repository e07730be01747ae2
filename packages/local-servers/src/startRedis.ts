import { Redis } from 'ioredis';
import { type FindOptions, findBinary } from './findBinary.js';
import { freePort } from './freePort.js';
import { cleanOrphans } from './orphans.js';
import { type ServerProcess, startServerProcess } from './serverProcess.js';
import { onFreePort, untilUp } from './untilUp.js';

/** A private Redis (or Valkey) on 127.0.0.1. */
export interface LocalRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** Ends it by a signal; its folder stays, for `restart`. */
  kill(signal: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
}

/** Starts a Redis of this process's own, after cleaning up behind owners that were killed. */
export async function startRedis(options: FindOptions): Promise<LocalRedis> {
  await cleanOrphans(options.log);
  const binary = await findBinary('redis', options);
  return onFreePort(async () => {
    const port = await freePort();
    const server = await startServerProcess('redis', binary.path, (folder) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
    ]);
    const up = () => untilUp('redis', server, () => answers(port));
    await up().catch(async (error: unknown) => {
      await server.remove();
      throw error;
    });
    return localRedis(server, port, up);
  });
}

const localRedis = (server: ServerProcess, port: number, up: () => Promise<void>): LocalRedis => ({
  url: `redis://127.0.0.1:${port}`,
  port,
  get pid() {
    return server.pid;
  },
  stop: () => server.remove(),
  kill: (signal) => server.end(signal),
  signal: (name) => server.signal(name),
  async restart() {
    await server.restart();
    await up();
  },
});

async function answers(port: number): Promise<boolean> {
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: 1_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
