import { readUserPage, type User, type UserPage, type UserStore } from '@odoo-sync/core';
import { type Command, InvalidArgumentError } from 'commander';

const LIMIT = 100;
const LIMIT_MAX = 1_000;

/** Gives a command that lists users the flags by which it goes on. */
export const withPageFlags = (command: Command): Command =>
  command
    .option('--limit <count>', `list so many users at most, up to ${LIMIT_MAX}`, readLimit, LIMIT)
    .option('--after <key>', 'list the users whose keys follow this one');

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${LIMIT_MAX}, but got "${text}"`);
}

/** A page of users. @param note is told how to go on where more follow. */
export async function pageOf(
  store: UserStore,
  page: UserPage,
  note: (text: string) => void,
): Promise<readonly User[]> {
  const { users, next } = await readUserPage(store, page);
  if (next !== null) note(`there are more users: go on with --after ${next}`);
  return users;
}

/** Every user there is. */
export async function everyUser(store: UserStore): Promise<readonly User[]> {
  const users: User[] = [];
  for (let after: string | undefined; ; ) {
    const page = await readUserPage(store, { limit: LIMIT_MAX, after });
    users.push(...page.users);
    if (page.next === null) return users;
    after = page.next;
  }
}
