import { compareUser, type ModuleComparison } from '@odoo-sync/compare';
import { type StatusStore, SyncError, type User, untilOrStopped } from '@odoo-sync/core';
import { EXIT } from '@odoo-sync/runtime';
import { type ProgramContext, table } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { openSourceOf } from '../odooSource.js';
import { everyUser } from '../pages.js';
import { secondsFlag } from '../secondsFlag.js';

const LOOK_MS = 1_000;
const ASKED_AT_ONCE = 100;

interface Flags {
  readonly wait?: number;
  readonly json?: boolean;
}

/** `compare`: the proof, record by record, that users' mirrors hold what their Odoos hold. Exit code 1 where one doesn't. */
export function compareCommand(context: ProgramContext): Command {
  return new Command('compare')
    .description('read Odoo once more and compare every record with the mirror; exit code 1 when they differ')
    .argument('[users...]', 'these users; all of them unless given')
    .option('--wait <seconds>', 'first wait so long at most until they are caught up', secondsFlag(1))
    .option('--json', 'print JSON')
    .action((ids: readonly string[], flags: Flags) =>
      withStore(context, async (store, config) => {
        const users =
          ids.length > 0 ? await Promise.all(ids.map((id) => userBy(store, id))) : await everyUser(store);
        if (flags.wait !== undefined) await untilCaughtUp(store, users, flags.wait, context);
        const open = openSourceOf(config, config.source.limitPerCallMax);
        const rows: { readonly user: User; readonly comparison: ModuleComparison }[] = [];
        for (const user of users) {
          context.note(`comparing ${user.userKey}`);
          for (const comparison of await compareUser(store, open, user, context.stop))
            rows.push({ user, comparison });
        }
        tell(context, rows, flags);
      }),
    );
}

async function untilCaughtUp(
  store: StatusStore,
  users: readonly User[],
  seconds: number,
  { stop, note }: ProgramContext,
): Promise<void> {
  const late = AbortSignal.timeout(seconds * 1_000);
  const keys = users.map(({ userKey }) => userKey);
  let left: readonly string[] = keys;
  const done = await untilOrStopped(AbortSignal.any([stop, late]), LOOK_MS, async () => {
    left = await lateOf(store, keys);
    return left.length === 0 ? true : null;
  });
  if (done) return;
  stop.throwIfAborted();
  note('`odoo-sync status` says how far they are');
  throw new SyncError(
    'transient',
    `after ${seconds} s there is still to be caught up with: ${left.join(', ')}`,
  );
}

/** Those of some users who are not caught up. */
async function lateOf(store: StatusStore, keys: readonly string[]): Promise<readonly string[]> {
  const late: string[] = [];
  for (let n = 0; n < keys.length; n += ASKED_AT_ONCE) {
    const some = keys.slice(n, n + ASKED_AT_ONCE);
    const reports = await store.reports(some);
    const done = reports.filter(({ caughtUp }) => caughtUp).map(({ user }) => user.userKey);
    late.push(...some.filter((key) => !done.includes(key)));
  }
  return late;
}

function tell(
  context: ProgramContext,
  rows: readonly { readonly user: User; readonly comparison: ModuleComparison }[],
  flags: Flags,
): void {
  const different = rows.filter(({ comparison }) => comparison.differences > 0);
  if (different.length > 0) context.exitWith(EXIT.failed);
  if (flags.json) {
    context.write(json(rows.map(({ user, comparison }) => ({ user: user.userKey, ...comparison }))));
    return;
  }
  context.write(
    table(
      ['user', 'module', 'source', 'store', 'differences'],
      rows.map(({ user, comparison: { module, source, store, differences } }) => [
        user.userKey,
        module,
        source,
        store,
        differences,
      ]),
    ),
  );
  for (const { user, comparison } of different)
    context.write(`${user.userKey}: ${comparison.differences} differences, such as ${comparison.example}`);
  if (different.length === 0) context.write('source and mirror are equal');
}
