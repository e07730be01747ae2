import { type User, type UserReport, userKeyBy } from '@odoo-sync/core';
import { ApiError } from './apiError.js';
import type { Services } from './services.js';

async function orNone<T>(id: string, find: (userKey: string) => Promise<T | null>): Promise<T> {
  const found = await find(userKeyBy(id));
  if (found) return found;
  throw new ApiError(
    404,
    'no_such_user',
    `expected the key or the id of a user, but there is none of "${id}": /status lists them`,
  );
}

export const findUser = ({ store }: Pick<Services, 'store'>, id: string): Promise<User> =>
  orNone(id, (userKey) => store.user(userKey));

export const findReport = (
  { store }: Pick<Services, 'store'>,
  id: string,
  failedLimit: number,
): Promise<UserReport> => orNone(id, (userKey) => store.report(userKey, failedLimit));
