import { describe, expect, test } from '@jest/globals';
import type { UserPage, UserStore } from './ports/user.js';
import { readUserPage } from './userPage.js';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const store = {
  users: async ({ after, limit }: UserPage) =>
    KEYS.filter((userKey) => after === undefined || userKey > after)
      .slice(0, limit)
      .map((userKey) => ({ userKey })),
} as unknown as UserStore;
const page = async (after: string | undefined, limit: number) => {
  const { users, next } = await readUserPage(store, { after, limit });
  return { keys: users.map(({ userKey }) => userKey), next };
};

describe('users by pages', () => {
  test('a page names the user that the next one follows', async () => {
    expect(await page(undefined, 2)).toEqual({ keys: ['a', 'b'], next: 'b' });
    expect(await page('b', 2)).toEqual({ keys: ['c', 'd'], next: 'd' });
    expect(await page('a', 3)).toEqual({ keys: ['b', 'c', 'd'], next: 'd' });
  });

  test('the last page says that it is, though it may be full', async () => {
    expect(await page('d', 2)).toEqual({ keys: ['e'], next: null });
    expect(await page('c', 2)).toEqual({ keys: ['d', 'e'], next: null });
    expect(await page('e', 2)).toEqual({ keys: [], next: null });
  });
});
