import { SyncError, type SyncStateStore, type User, type UserStore, userKeyBy } from '@odoo-sync/core';
import { type CliConfig, createLogger, loadConfig } from '@odoo-sync/runtime';
import { openFleetStore } from '@odoo-sync/runtime/fleet';
import type { MongoStore } from '@odoo-sync/store-mongo';
import type { ProgramContext } from '@odoo-sync/terminal';

/** Opens the store that the environment names, for the length of `work`. */
export async function withStore<T>(
  { env }: ProgramContext,
  work: (store: MongoStore, config: CliConfig) => Promise<T>,
): Promise<T> {
  const config = loadConfig(env, 'cli');
  const store = await openFleetStore(config, 'cli', createLogger({ level: 'silent', name: 'cli' }));
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

/** A user by its key, as everything shows it, or by its id. @throws SyncError `notFound` when there is none. */
export async function userBy(store: UserStore & SyncStateStore, text: string): Promise<User> {
  const userKey = userKeyBy(text);
  const found = await store.user(userKey);
  if (found) return found;
  throw new SyncError(
    'notFound',
    `there is no user ${text}${userKey === text ? '' : ` (its key would be ${userKey})`}: \`odoo-sync user list\` shows those there are`,
  );
}

/** Output for programs: one JSON text. */
export const json = (value: unknown): string => JSON.stringify(value, null, 2);
