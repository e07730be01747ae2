import { type Manners, MODULE_NAMES, type Resync, SyncError, type User } from '@odoo-sync/core';
import { callDelay, type Kind, language } from '@odoo-sync/runtime';
import type { MongoStore } from '@odoo-sync/store-mongo';
import type { ProgramContext } from '@odoo-sync/terminal';
import { Command, InvalidArgumentError } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { checkOdoo } from '../odooSource.js';

/** Not the user's, but what holds for all. */
const OWN = 'own';

export interface MannersFlags {
  readonly language?: string;
  readonly callDelay?: number | typeof OWN;
}

interface SetFlags extends MannersFlags {
  readonly check: boolean;
  readonly json?: boolean;
}

/** Gives a command the flags of how a user's Odoo is asked. */
export const withManners = (command: Command): Command =>
  command
    .option(
      '--language <code>',
      "in which its texts are read, such as fr_FR; `own` for ODOO_LANG, else the login's own",
      ownOr(language),
    )
    .option(
      '--call-delay <ms>',
      'the least pause between two requests to its Odoo; `own` for API_CALL_DELAY_MS',
      ownOr(callDelay),
    );

/** `user set`: how a user's Odoo is asked from now on. */
export const setCommand = (context: ProgramContext): Command =>
  withManners(new Command('set').argument('<id>'))
    .description('change the language in which a user is read, or the pause between requests to its Odoo')
    .option('--no-check', 'do not ask Odoo whether the language is active there')
    .option('--json', 'print JSON')
    .action((id: string, flags: SetFlags) => set(context, id, flags));

/** Reads what a kind takes, or {@link OWN}. */
function ownOr<T>({ schema, expected }: Kind<T>): (text: string) => T | typeof OWN {
  return (text) => {
    if (text === OWN) return OWN;
    const read = schema.safeParse(text);
    if (read.success) return read.data;
    throw new InvalidArgumentError(`expected ${expected}, or ${OWN}, but got "${text}"`);
  };
}

/** What of them is said. */
export const mannersOf = ({ language, callDelay }: MannersFlags): Manners => ({
  ...(language === undefined ? {} : { language: language === OWN ? null : language }),
  ...(callDelay === undefined ? {} : { callDelayMs: callDelay === OWN ? null : callDelay }),
});

/** Texts in another language are read again, by a resync: only then are they all in one. */
async function set(context: ProgramContext, id: string, flags: SetFlags): Promise<void> {
  const manners = mannersOf(flags);
  if (Object.keys(manners).length === 0)
    throw new SyncError('invalid', 'expected --language or --call-delay, but got neither');
  await withStore(context, async (store, config) => {
    const user = await userBy(store, id);
    const { userKey, address } = user;
    if (flags.check && manners.language !== undefined)
      await checkOdoo(config, address, await store.credentials(user), context.stop, manners.language);
    const changed = await store.setManners(user, manners);
    const resync = manners.language === undefined ? null : await readAgain(store, user);
    if (flags.json) return context.write(json({ ...changed, resync: resync?._id ?? null }));
    context.write(`${userKey} is set: ${mannersIn(changed)}`);
    if (resync) context.write(`its records are read again in that language, by ${resync._id}`);
  });
}

/** Null where nothing has been read yet. */
async function readAgain(store: MongoStore, user: User): Promise<Resync | null> {
  const plan = await store.syncState(user);
  const modules = MODULE_NAMES.filter((module) => plan?.modules[module].tiling);
  return modules.length === 0 ? null : store.requestResync(user, { modules, requestedBy: 'user set' });
}

const mannersIn = ({ language, callDelayMs }: User): string =>
  `language ${language ?? OWN}, ${callDelayMs === null ? 'the pause of API_CALL_DELAY_MS' : `a pause of ${callDelayMs} ms`} between requests`;
