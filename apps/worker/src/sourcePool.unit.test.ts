import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Credentials, OpenSource, Source, User } from '@odoo-sync/core';
import type { SourcePool } from '@odoo-sync/engine';
import { createSourcePool } from './sourcePool.js';

interface Session {
  readonly secret: string;
  readonly url: string;
  readonly language: string | null | undefined;
  closed: boolean;
}

const NEVER = new AbortController().signal;
const MINUTE = 60_000;

let sessions: Session[];
let secrets: Record<string, string>;
let now: number;
let failure: Error | undefined;
let pool: SourcePool;

const open: OpenSource = async ({ url }, { secret }, _signal, language) => {
  if (failure) throw failure;
  const session: Session = { secret, url, language, closed: false };
  sessions.push(session);
  return {
    close: () => {
      session.closed = true;
    },
    session,
  } as unknown as Source;
};

const user = (userKey: string, credentialVersion = 1, life = 'first', language: string | null = null): User =>
  ({
    userKey,
    life,
    credentialVersion,
    language,
    address: { url: `https://${userKey}.example`, db: userKey },
  }) as User;

const sessionOf = (one: User): Promise<Session> =>
  pool.use(one, NEVER, async (source) => (source as unknown as { session: Session }).session);

beforeEach(() => {
  sessions = [];
  secrets = { acme: 'first', other: 'another' };
  now = 0;
  failure = undefined;
  pool = createSourcePool(
    open,
    async ({ userKey }) =>
      ({ kind: 'apiKey', login: 'admin', secret: secrets[userKey] ?? '' }) as Credentials,
    () => now,
  );
});

describe('the pool of sessions', () => {
  test('keeps none from one life of a user to the next, and none of a turn that comes late', async () => {
    const first = await sessionOf(user('acme'));
    const second = await sessionOf(user('acme', 1, 'second'));
    expect(second).not.toBe(first);
    expect(first.closed).toBe(true);
    pool.drop(user('acme'));
    expect(await sessionOf(user('acme', 1, 'second'))).toBe(second);
  });

  test('keeps one session for each user from turn to turn', async () => {
    const mine = await sessionOf(user('acme'));
    expect(await sessionOf(user('acme'))).toBe(mine);
    expect((await sessionOf(user('other'))).url).toBe('https://other.example');
    expect(sessions).toHaveLength(2);
    expect(mine.closed).toBe(false);
  });

  test('opens a new session for another language', async () => {
    const old = await sessionOf(user('acme'));
    const fresh = await sessionOf(user('acme', 1, 'first', 'fr_FR'));
    expect(fresh.language).toBe('fr_FR');
    expect(old.closed).toBe(true);
    expect(await sessionOf(user('acme', 1, 'first', 'fr_FR'))).toBe(fresh);
  });

  test('opens a new session under new credentials, and closes the old one', async () => {
    const old = await sessionOf(user('acme'));
    secrets.acme = 'second';
    const fresh = await sessionOf(user('acme', 2));
    expect(fresh.secret).toBe('second');
    expect(old.closed).toBe(true);
    expect(await sessionOf(user('acme', 2))).toBe(fresh);
    expect(fresh.closed).toBe(false);
  });

  test('does not close a session under a turn that still works with it', async () => {
    let old: Session | undefined;
    await pool.use(user('acme'), NEVER, async () => {
      [old] = sessions;
      await sessionOf(user('acme', 2));
      pool.drop(user('acme'));
      expect(old?.closed).toBe(false);
    });
    expect(old?.closed).toBe(true);
    expect(sessions.every(({ closed }) => closed)).toBe(true);
  });

  test('closes what has been idle for five minutes, at the next use by anybody', async () => {
    const idle = await sessionOf(user('acme'));
    now += 4 * MINUTE;
    await sessionOf(user('other'));
    expect(idle.closed).toBe(false);
    now += 2 * MINUTE;
    await sessionOf(user('other'));
    expect(idle.closed).toBe(true);
    expect(await sessionOf(user('acme'))).not.toBe(idle);
  });

  test('does not call a session idle that a long turn works with', async () => {
    await pool.use(user('acme'), NEVER, async () => {
      now += 60 * MINUTE;
      await sessionOf(user('other'));
      expect(sessions[0]?.closed).toBe(false);
    });
    expect(await sessionOf(user('acme'))).toBe(sessions[0]);
  });

  test('opens anew after a session was dropped', async () => {
    const bad = await sessionOf(user('acme'));
    pool.drop(user('acme'));
    expect(bad.closed).toBe(true);
    expect(await sessionOf(user('acme'))).not.toBe(bad);
    pool.drop(user('nobody'));
  });

  test('keeps nothing of an opening that failed', async () => {
    failure = new Error('Odoo is away');
    await expect(sessionOf(user('acme'))).rejects.toThrow('Odoo is away');
    failure = undefined;
    expect((await sessionOf(user('acme'))).closed).toBe(false);
  });

  test('keeps a session whose turn failed: what is bad is dropped by name', async () => {
    await expect(
      pool.use(user('acme'), NEVER, async () => {
        throw new Error('a broken page');
      }),
    ).rejects.toThrow('a broken page');
    expect(await sessionOf(user('acme'))).toBe(sessions[0]);
  });

  test('closes every session at its end', async () => {
    await sessionOf(user('acme'));
    await sessionOf(user('other'));
    pool.close();
    expect(sessions.map(({ closed }) => closed)).toEqual([true, true]);
  });
});
