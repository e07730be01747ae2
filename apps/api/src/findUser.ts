import { type User, type UserReport, userKeyOf } from '@odoo-sync/core';
import { ApiError } from './apiError.js';
import type { Services } from './services.js';

/** A key goes first: every user can be reached by it, whatever ids others have. */
async function byEither<T>(id: string, find: (userKey: string) => Promise<T | null>): Promise<T> {
  const found = (await find(id)) ?? (await find(userKeyOf(id)));
  if (found) return found;
  throw new ApiError(
    404,
    'no_such_user',
    `expected the key or the id of a user, but there is none of "${id}": /status lists them`,
  );
}

export const findUser = ({ store }: Pick<Services, 'store'>, id: string): Promise<User> =>
  byEither(id, (userKey) => store.user(userKey));

export const findReport = (
  { store }: Pick<Services, 'store'>,
  id: string,
  failedLimit: number,
): Promise<UserReport> => byEither(id, (userKey) => store.report(userKey, failedLimit));
