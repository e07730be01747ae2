import {
  type Audit,
  MODULE_NAMES,
  type ModuleName,
  SyncError,
  tellCliff,
  tellResult,
  type User,
  untilOrStopped,
} from '@odoo-sync/core';
import { EXIT } from '@odoo-sync/runtime';
import type { MongoStore } from '@odoo-sync/store-mongo';
import type { ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { modulesOf } from '../modulesOf.js';
import { everyUser } from '../pages.js';
import { secondsFlag } from '../secondsFlag.js';

const LOOK_MS = 500;
const WAIT_SECONDS = 600;

interface Flags {
  readonly modules?: string;
  readonly accept?: boolean;
  readonly deep?: boolean;
  readonly wait: number;
  readonly json?: boolean;
}

/** `audit`: has the fleet prove that mirrors equal their sources, heal what differs, and say what it found. Exit code 1 where something differs still. */
export function auditCommand(context: ProgramContext): Command {
  return new Command('audit')
    .description(
      'compare all ids and dates with Odoo, heal what differs, mark what was deleted; exit code 1 where it stopped or something differs still',
    )
    .argument('[user]', 'one user; all of them unless given')
    .option('--modules <names>', `some of ${MODULE_NAMES.join(',')}; all of them where it is left out`)
    .option('--deep', 'read every record in full, though its date is the same')
    .option('--accept', 'what an audit that has stopped found gone was deleted, and is to be marked so')
    .option(
      '--wait <seconds>',
      'wait so long at most for the fleet; 0 asks and ends',
      secondsFlag(0),
      WAIT_SECONDS,
    )
    .option('--json', 'print JSON')
    .action(async (id: string | undefined, flags: Flags) => {
      const modules = modulesOf(flags.modules);
      if (flags.accept && id === undefined)
        throw new SyncError('invalid', 'expected the user whose audit --accept is about, but none was given');
      await withStore(context, async (store) => {
        const users = id === undefined ? await everyUser(store) : [await userBy(store, id)];
        const asked = new Map<User, ReadonlyMap<string, number>>();
        for (const user of users) {
          const before = await store.audits(user);
          asked.set(user, new Map(before.map((one) => [one._id, endOf(one)])));
          if (flags.accept) await store.acceptAudit(user, modules);
          else await store.requestAudit(user, modules, flags.deep ?? false);
        }
        if (flags.wait > 0) await untilEnded(store, asked, modules, flags.wait, context);
        await tell(context, store, users, modules, flags);
      });
    });
}

const endOf = ({ result }: Audit): number => result?.endedAt.getTime() ?? 0;

const isOver = (audit: Audit, before: number): boolean =>
  audit.status === 'stopped' ||
  audit.status === 'failed' ||
  (audit.run === null && !audit.deep && endOf(audit) > before);

async function untilEnded(
  store: MongoStore,
  asked: ReadonlyMap<User, ReadonlyMap<string, number>>,
  modules: readonly ModuleName[],
  seconds: number,
  { stop, note }: ProgramContext,
): Promise<void> {
  const late = AbortSignal.timeout(seconds * 1_000);
  const left = new Set(asked.keys());
  const done = await untilOrStopped(AbortSignal.any([stop, late]), LOOK_MS, async () => {
    for (const user of [...left]) {
      const audits = await auditable(store, user, modules);
      if (audits.every((audit) => isOver(audit, asked.get(user)?.get(audit._id) ?? 0))) left.delete(user);
    }
    return left.size === 0 ? true : null;
  });
  if (done) return;
  stop.throwIfAborted();
  note('`odoo-sync status USER` says how far it is; a fleet that runs goes on with it');
  const keys = [...left].map(({ userKey }) => userKey);
  throw new SyncError('transient', `after ${seconds} s the audit has not ended of: ${keys.join(', ')}`);
}

/** The audits of the modules that the user's login may read. */
async function auditable(
  store: MongoStore,
  user: User,
  modules: readonly ModuleName[],
): Promise<readonly Audit[]> {
  const [audits, state] = await Promise.all([store.audits(user), store.syncState(user)]);
  return audits.filter(({ module }) => modules.includes(module) && state?.modules[module].state === 'active');
}

async function tell(
  context: ProgramContext,
  store: MongoStore,
  users: readonly User[],
  modules: readonly ModuleName[],
  flags: Flags,
): Promise<void> {
  const rows: { readonly user: string; readonly audit: Audit }[] = [];
  for (const user of users)
    for (const audit of await auditable(store, user, modules)) rows.push({ user: user.userKey, audit });
  const bad = rows.some(
    ({ audit: { status, result } }) => status === 'stopped' || status === 'failed' || (result?.open ?? 0) > 0,
  );
  if (bad && flags.wait > 0) context.exitWith(EXIT.failed);
  if (flags.json) {
    const shown = rows.map(({ user, audit: { module, status, dueAt, result, cliff, lastError } }) => ({
      user,
      module,
      status,
      dueAt,
      proof: result && { kind: 'date', equal: result.open === 0, ...result },
      cliff,
      lastError,
    }));
    return context.write(json(shown));
  }
  for (const { user, audit } of rows)
    for (const line of linesOf(audit)) context.write(`${user} ${audit.module}: ${line}`);
}

const SHOWN = 20;

function linesOf({ status, result, cliff, lastError, dueAt, run }: Audit): readonly string[] {
  if (cliff) return [`stopped: ${tellCliff(cliff)}`];
  if (status === 'failed') return [`failed: ${lastError?.message ?? 'no error is kept'}`];
  if (run || !result) return [run ? 'is being audited' : `due at ${dueAt.toISOString()}`];
  const ids = Object.entries({ ...result.found.ids, unreadable: result.unreadable }).filter(
    ([, all]) => all.length > 0,
  );
  return [
    tellResult(result),
    ...ids.map(([kind, all]) => {
      const more = all.length > SHOWN ? ', ... (--json names more)' : '';
      return `  ${kind}: ${all.slice(0, SHOWN).join(', ')}${more}`;
    }),
  ];
}
