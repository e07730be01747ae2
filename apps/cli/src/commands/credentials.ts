import { SyncError, type User } from '@odoo-sync/core';
import { addressOf } from '@odoo-sync/odoo';
import type { MongoStore } from '@odoo-sync/store-mongo';
import { credentialsOf, type ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { checkOdoo } from '../odooSource.js';

interface Flags {
  readonly login?: string;
  readonly url?: string;
  readonly db?: string;
  readonly check: boolean;
  readonly json?: boolean;
}

/** `user credentials`: gives a user new ones, which go nowhere but to the address that the old ones are sealed for. */
export const credentialsCommand = (context: ProgramContext): Command =>
  new Command('credentials')
    .description('give a user new credentials, from the same places as `add`')
    .argument('<id>')
    .option('--login <login>', 'the login to read as, where it changes')
    .option('--url <url>', "its Odoo's address, where the stored credentials no longer open")
    .option('--db <name>', 'the same of its database')
    .option('--no-check', 'do not ask Odoo whether the credentials work')
    .option('--json', 'print JSON')
    .action((id: string, flags: Flags) => renew(context, id, flags));

async function renew(context: ProgramContext, id: string, flags: Flags): Promise<void> {
  await withStore(context, async (store, config) => {
    const user = await userBy(store, id);
    await vouchFor(store, user, flags);
    const credentials = await credentialsOf(context, flags.login ?? user.login);
    if (flags.check) await checkOdoo(config, user.address, credentials, context.stop, user.language);
    await store.setCredentials(user, credentials);
    if (flags.json) context.write(json(await store.user(user.userKey)));
    else context.write(`${user.userKey} has new credentials and is tried at once`);
  });
}

/**
 * An address that somebody else wrote into MongoDB must not get the new secret either. Old credentials that open are sealed
 * for it; where they don't, the operator names it.
 */
async function vouchFor(store: MongoStore, user: User, { url, db }: Flags): Promise<void> {
  const { address, userKey } = user;
  const stored = `${address.url} and its database ${JSON.stringify(address.db)}`;
  if (db !== undefined && url === undefined) throw new SyncError('invalid', 'expected --url beside --db');
  if (url !== undefined) {
    const said = addressOf(url, db);
    if (said.url === address.url && said.db === address.db) return;
    throw new SyncError(
      'conflict',
      `expected the address of ${userKey} that is stored, ${stored}, but got ${said.url} and ${JSON.stringify(said.db)}: to change an address, remove the user and add it again. If nobody here changed it, somebody else wrote it into MongoDB`,
    );
  }
  await store.credentials(user).catch((error: unknown) => {
    if (!(error instanceof SyncError) || error.kind !== 'credentials') throw error;
    throw new SyncError(
      'configuration',
      `nothing says that ${stored} is the address of ${userKey}, since its stored credentials don't open: if it is, name both with --url and --db. ${error.message}`,
    );
  });
}
