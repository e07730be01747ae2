import type { User, UserStore } from '@odoo-sync/core';
import { type Command, InvalidArgumentError } from 'commander';

const LIMIT = 100;
const LIMIT_MAX = 1_000;

/** Which of the users a list shows. */
export interface PageFlags {
  readonly limit: number;
  readonly after?: string;
}

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
  { limit, after }: PageFlags,
  note: (text: string) => void,
): Promise<readonly User[]> {
  const found = await store.users({ limit: limit + 1, ...(after === undefined ? {} : { after }) });
  const users = found.slice(0, limit);
  if (found.length > limit) note(`there are more users: go on with --after ${users.at(-1)?.userKey}`);
  return users;
}

/** Every user there is. */
export async function everyUser(store: UserStore): Promise<readonly User[]> {
  const users: User[] = [];
  for (let page: readonly User[] = []; ; ) {
    const last = page.at(-1)?.userKey;
    page = await store.users({ limit: LIMIT_MAX, ...(last === undefined ? {} : { after: last }) });
    users.push(...page);
    if (page.length < LIMIT_MAX) return users;
  }
}
