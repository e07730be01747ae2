import type { ServerKind } from './serverKind.js';

/** There is no server of a kind, and none can be had: three remedies, exit code 78. */
export class NoServerError extends Error {
  readonly exitCode = 78;
  constructor(kind: ServerKind, tried: readonly string[]) {
    const { name, variable, packages } = WORDS[kind];
    super(
      [
        `${name} is needed, and none was found: ${tried.join('; ')}.`,
        'Do one of these, then start again:',
        `  1. docker compose -f docker/compose.servers.yaml up -d --wait   (its head says what to set)`,
        `  2. install ${packages} with your system's packages`,
        `  3. set ${variable} to the URL of a server that you have`,
      ].join('\n'),
    );
    this.name = 'NoServerError';
  }
}

const WORDS: Readonly<Record<ServerKind, { name: string; variable: string; packages: string }>> = {
  redis: { name: 'A Redis server', variable: 'REDIS_URL', packages: 'redis-server or valkey-server' },
  mongodb: { name: 'A MongoDB server', variable: 'MONGODB_URL', packages: 'mongod (MongoDB 5 or later)' },
};
