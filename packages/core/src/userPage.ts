import type { User, UserPage, UserStore } from './ports/user.js';

/** A page of users, and the key that the next one follows: null on the last. */
export async function readUserPage(
  store: UserStore,
  { after, limit }: UserPage,
): Promise<{ readonly users: readonly User[]; readonly next: string | null }> {
  const found = await store.users({ after, limit: limit + 1 });
  const users = found.slice(0, limit);
  return { users, next: found.length > limit ? (users.at(-1)?.userKey ?? null) : null };
}
