import {
  checkUserId,
  type RangeDays,
  rangeStartOf,
  SyncError,
  type User,
  type UserId,
  type UserPage,
} from '@odoo-sync/core';
import { addressOf, checkHost } from '@odoo-sync/odoo';
import { rangeDays } from '@odoo-sync/runtime';
import { objectIdOf } from '@odoo-sync/store-mongo';
import { askHidden, credentialsOf, type ProgramContext, table } from '@odoo-sync/terminal';
import { Command, InvalidArgumentError } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { checkOdoo } from '../odooSource.js';
import { pageOf, withPageFlags } from '../pages.js';
import { acceptDatabaseCommand } from './acceptDatabase.js';
import { credentialsCommand } from './credentials.js';
import { explainCommand } from './explain.js';
import { type MannersFlags, mannersOf, setCommand, withManners } from './manners.js';
import { wakeCommand } from './wake.js';

interface AddFlags extends MannersFlags {
  readonly url: string;
  readonly db?: string;
  readonly login: string;
  readonly rangeDays?: RangeDays;
  readonly objectId?: boolean;
  readonly check: boolean;
  readonly json?: boolean;
}

/** `user`: connects, lists and removes tenants, gives them new credentials, and says why one doesn't move. */
export function userCommand(context: ProgramContext): Command {
  const user = new Command('user').description('the tenants, each with an Odoo of its own');
  const adding = user
    .command('add <id>')
    .description(
      'connect a user; its API key or password comes from ODOO_API_KEY or ODOO_PASSWORD, or is asked for',
    )
    .requiredOption('--url <url>', "its Odoo's address, or any page of it as a browser shows it")
    .option('--db <name>', 'its database, where the URL does not tell it')
    .requiredOption('--login <login>', 'the login to read as')
    .option(
      '--range-days <days>',
      'how far back to mirror it, or `all`; INITIAL_SYNC_RANGE_DAYS unless given',
      readRange,
    )
    .option('--object-id', 'the id is an ObjectId of 24 hexadecimal digits, and is stored as one')
    .option('--no-check', 'do not ask Odoo whether the credentials work')
    .option('--json', 'print JSON')
    .action((id: string, flags: AddFlags) => add(context, id, flags));
  withManners(adding);
  user.addCommand(setCommand(context));
  withPageFlags(user.command('list'))
    .description('list the users')
    .option('--json', 'print JSON')
    .action((flags: UserPage & { json?: boolean }) => list(context, flags));
  user.addCommand(credentialsCommand(context));
  user.addCommand(explainCommand(context));
  user.addCommand(wakeCommand(context));
  user.addCommand(acceptDatabaseCommand(context));
  user
    .command('widen <id>')
    .description('mirror a user from further back; what is there already is not read again')
    .requiredOption('--range-days <days>', 'days before it was connected, or `all`', readRange)
    .option('--json', 'print JSON')
    .action((id: string, flags: { rangeDays: RangeDays; json?: boolean }) => widen(context, id, flags));
  user
    .command('remove <id>')
    .description('remove a user with all of its records in the mirror')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action((id: string, flags: { yes?: boolean; json?: boolean }) => remove(context, id, flags));
  return user;
}

function readRange(text: string): RangeDays {
  const read = rangeDays.schema.safeParse(text);
  if (!read.success) throw new InvalidArgumentError(`expected ${rangeDays.expected}, but got "${text}"`);
  return read.data;
}

function rangeOf(user: User): string {
  const start = rangeStartOf(user);
  return start ? `what changed since ${day(start)}` : 'its whole history';
}

function userIdOf(id: string, objectId: boolean): UserId {
  if (!objectId) {
    checkUserId(id);
    return id;
  }
  const read = objectIdOf(id);
  if (read) return read;
  throw new SyncError('invalid', `expected 24 hexadecimal digits beside --object-id, but got "${id}"`);
}

async function add(context: ProgramContext, id: string, flags: AddFlags): Promise<void> {
  const userId = userIdOf(id, flags.objectId ?? false);
  const address = addressOf(flags.url, flags.db);
  const credentials = await credentialsOf(context, flags.login);
  await withStore(context, async (store, config) => {
    checkHost(address.url, config.source.allow);
    if (flags.check) await checkOdoo(config, address, credentials, context.stop, mannersOf(flags).language);
    const added = await store.addUser({
      userId,
      address,
      credentials,
      manners: mannersOf(flags),
      ...(flags.rangeDays === undefined ? {} : { rangeDays: flags.rangeDays }),
    });
    if (flags.json) context.write(json(added));
    else context.write(`added ${added.userKey}: ${rangeOf(added)} is mirrored`);
  });
}

async function list(context: ProgramContext, flags: UserPage & { json?: boolean }): Promise<void> {
  await withStore(context, async (store) => {
    const users = await pageOf(store, flags, context.note);
    if (flags.json) return context.write(json(users));
    const rows = users.map(({ userKey, address, login, standing, connectedAt }) => [
      userKey,
      address.url,
      address.db,
      login,
      standing.replace('_', ' '),
      day(connectedAt),
    ]);
    context.write(table(['user', 'Odoo', 'database', 'login', 'standing', 'since'], rows));
    for (const { userKey, attention } of users)
      if (attention) context.write(`${userKey} needs attention: ${attention.message}`);
  });
}

async function widen(
  context: ProgramContext,
  id: string,
  flags: { rangeDays: RangeDays; json?: boolean },
): Promise<void> {
  await withStore(context, async (store) => {
    const user = await userBy(store, id);
    const { userKey } = user;
    const widened = await store.widenUser(user, flags.rangeDays);
    if (flags.json) context.write(json(widened));
    else context.write(`${userKey} is widened: ${rangeOf(widened)} is mirrored`);
  });
}

async function remove(
  context: ProgramContext,
  id: string,
  flags: { yes?: boolean; json?: boolean },
): Promise<void> {
  await withStore(context, async (store) => {
    const user = await userBy(store, id);
    if (!flags.yes) await confirm(context, user.userKey);
    await store.beginRemoval(user);
    let purged = 0;
    for (let done = false; !done; ) {
      if (context.stop.aborted) {
        context.note('interrupted: the scheduler goes on with it');
        return;
      }
      const step = await store.purgeStep(user);
      purged += step.what === 'user' ? 0 : step.purged;
      done = step.done;
      if (!done) context.note(`${purged} records removed`);
    }
    if (flags.json) context.write(json({ userKey: user.userKey, purged }));
    else context.write(`removed ${user.userKey} and ${purged} records`);
  });
}

async function confirm({ terminal, note }: ProgramContext, userKey: string): Promise<void> {
  if (!terminal || !process.stdin.isTTY)
    throw new SyncError(
      'invalid',
      'expected --yes, since there is no terminal to ask on: nothing was removed',
    );
  const typed = await askHidden(`This removes every record of ${userKey}. Type its name to go on:`, note);
  if (typed !== userKey)
    throw new SyncError('invalid', `expected "${userKey}", but got something else: nothing was removed`);
}

const day = (at: Date): string => at.toISOString().slice(0, 10);
