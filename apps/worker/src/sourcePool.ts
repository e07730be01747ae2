import type { Credentials, OpenSource, Source, User } from '@odoo-sync/core';

const IDLE_MS = 300_000;

/** Sessions with users' Odoos, kept between turns: a login costs as much as several pages. */
export interface SourcePool {
  /** The session of a user under his present credentials. */
  get(user: User, signal: AbortSignal): Promise<Source>;
  /** Forgets a session that proved bad. */
  drop(user: User): void;
  close(): void;
}

interface Entry {
  readonly source: Source;
  readonly credentialVersion: number;
  usedAt: number;
}

export function createSourcePool(
  open: OpenSource,
  credentialsOf: (userKey: string) => Promise<Credentials>,
  now: () => number = () => performance.now(),
): SourcePool {
  const entries = new Map<string, Entry>();
  const drop = (userKey: string) => {
    entries.get(userKey)?.source.close();
    entries.delete(userKey);
  };
  return {
    async get(user, signal) {
      for (const [userKey, entry] of entries) if (now() - entry.usedAt > IDLE_MS) drop(userKey);
      const known = entries.get(user.userKey);
      if (known && known.credentialVersion === user.credentialVersion) {
        known.usedAt = now();
        return known.source;
      }
      drop(user.userKey);
      const source = await open(user.address, await credentialsOf(user.userKey), signal);
      entries.set(user.userKey, { source, credentialVersion: user.credentialVersion, usedAt: now() });
      return source;
    },
    drop: (user) => drop(user.userKey),
    close() {
      for (const userKey of [...entries.keys()]) drop(userKey);
    },
  };
}
