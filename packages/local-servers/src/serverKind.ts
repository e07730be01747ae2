export type ServerKind = 'redis' | 'mongodb';

/** Names of the binary on a PATH, the preferred first. */
export const BINARIES: Readonly<Record<ServerKind, readonly string[]>> = {
  redis: ['redis-server', 'valkey-server'],
  mongodb: ['mongod'],
};

export type Log = (line: string) => void;
