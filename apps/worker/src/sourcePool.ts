import type { AddressedUser, Credentials, OpenSource, Source, User } from '@odoo-sync/core';
import type { SourcePool } from '@odoo-sync/engine';

const IDLE_MS = 300_000;

interface Entry {
  readonly source: Source;
  readonly life: string;
  readonly credentialVersion: number;
  readonly language: string | null;
  usedAt: number;
  /** Turns that work with it now. */
  users: number;
  /** No longer handed out: closed by the last who uses it. */
  retired: boolean;
}

const isFor = (entry: Entry, { life, credentialVersion, language }: User): boolean =>
  entry.life === life && entry.credentialVersion === credentialVersion && entry.language === language;

/** Sessions are closed when they have been idle for five minutes, and when the user's life, credentials or language changed. */
export function createSourcePool(
  open: OpenSource,
  credentialsOf: (user: AddressedUser) => Promise<Credentials>,
  now: () => number = () => performance.now(),
): SourcePool {
  /** In the order in which they were last used. */
  const entries = new Map<string, Entry>();
  const retire = (userKey: string) => {
    const entry = entries.get(userKey);
    if (!entry) return;
    entries.delete(userKey);
    entry.retired = true;
    if (entry.users === 0) entry.source.close();
  };
  const closeIdle = () => {
    const since = now() - IDLE_MS;
    for (const [userKey, { users, usedAt }] of entries) {
      if (usedAt >= since) return;
      if (users === 0) retire(userKey);
    }
  };
  /** The entry, with its new user counted already. */
  const enter = async (user: User, signal: AbortSignal): Promise<Entry> => {
    const known = entries.get(user.userKey);
    if (known && isFor(known, user)) {
      known.users++;
      return known;
    }
    const source = await open(user.address, await credentialsOf(user), signal, user.language);
    const entry = {
      source,
      life: user.life,
      credentialVersion: user.credentialVersion,
      language: user.language,
      usedAt: now(),
      users: 1,
      retired: false,
    };
    retire(user.userKey);
    entries.set(user.userKey, entry);
    return entry;
  };
  return {
    async use(user, signal, work) {
      closeIdle();
      const entry = await enter(user, signal);
      try {
        return await work(entry.source);
      } finally {
        entry.users--;
        entry.usedAt = now();
        if (!entry.retired) {
          entries.delete(user.userKey);
          entries.set(user.userKey, entry);
        } else if (entry.users === 0) entry.source.close();
      }
    },
    drop(user) {
      // A turn of an ended life has nothing to say about the session of the next.
      if (entries.get(user.userKey)?.life === user.life) retire(user.userKey);
    },
    close() {
      for (const userKey of [...entries.keys()]) retire(userKey);
    },
  };
}
