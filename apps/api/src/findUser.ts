import { type User, type UserReport, userKeyBy } from '@odoo-sync/core';
import type { Refuse } from './apiError.js';
import type { Services } from './context.js';

type RefuseUser = Refuse<'no_such_user'>;

/** What `find` finds by the key of a user, who is named by its key or id. @throws what `refuse` makes where that is nothing. */
export async function orNone<T>(
  id: string,
  refuse: RefuseUser,
  find: (userKey: string) => Promise<T | null>,
): Promise<T> {
  const found = await find(userKeyBy(id));
  if (found) return found;
  throw refuse(
    'no_such_user',
    `expected the key or the id of a user, but there is none of "${id}": /status lists them`,
  );
}

/** A user by its key or id. @throws what `refuse` makes where there is none. */
export const findUser = ({ store }: Pick<Services, 'store'>, id: string, refuse: RefuseUser): Promise<User> =>
  orNone(id, refuse, (userKey) => store.user(userKey));

/** The same of a user for whom something is to be done. @throws what `refuse` makes also where it is being removed. */
export async function findLiving(
  services: Pick<Services, 'store'>,
  id: string,
  refuse: Refuse<'no_such_user' | 'being_removed'>,
): Promise<User> {
  const user = await findUser(services, id, refuse);
  if (user.standing !== 'removing') return user;
  throw refuse('being_removed', `the user ${user.userKey} is being removed: nothing is read for it`);
}

/** What is known of a user, as {@link findUser} finds it. @param failedLimit failed windows at most. */
export const findReport = (
  { store }: Pick<Services, 'store'>,
  id: string,
  failedLimit: number,
  refuse: RefuseUser,
): Promise<UserReport> => orNone(id, refuse, (userKey) => store.report(userKey, failedLimit));
