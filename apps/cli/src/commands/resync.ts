import { MODULE_NAMES, SyncError } from '@odoo-sync/core';
import type { ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { modulesOf } from '../modulesOf.js';

interface Flags {
  readonly modules?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** `resync`: writes the request to read a range of windows again; the fleet does it in its turn. */
export function resyncCommand(context: ProgramContext): Command {
  return new Command('resync')
    .description('read windows of a user again')
    .argument('<user>')
    .option('--modules <names>', `some of ${MODULE_NAMES.join(',')}; all of them where it is left out`)
    .option('--from <date>', 'from the window that holds this date on; from the first where it is left out')
    .option('--to <date>', 'up to this date; to the last window where it is left out')
    .option('--json', 'print JSON')
    .action(async (id: string, flags: Flags) => {
      const modules = modulesOf(flags.modules);
      const range = {
        ...(flags.from === undefined ? {} : { from: dateOf('--from', flags.from) }),
        ...(flags.to === undefined ? {} : { to: dateOf('--to', flags.to) }),
      };
      if (range.from && range.to && range.from >= range.to)
        throw new SyncError(
          'invalid',
          `expected --from before --to, which is the end and excluded, but got "${flags.from}" and "${flags.to}"`,
        );
      await withStore(context, async (store) => {
        const user = await userBy(store, id);
        const resync = await store.requestResync(user, { modules, ...range, requestedBy: 'cli' });
        if (flags.json) return context.write(json(resync));
        context.write(
          `${resync._id}: ${resync.total} windows from ${resync.from.toISOString()} to ${resync.to.toISOString()} will be read again`,
        );
      });
    });
}

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/;

function dateOf(flag: string, text: string): Date {
  const at = new Date(text);
  if (DATE.test(text) && !Number.isNaN(at.getTime())) return at;
  throw new SyncError(
    'invalid',
    `${flag}: expected a date such as 2026-01-31 or 2026-01-31T12:00:00Z (UTC), but got "${text}"`,
  );
}
