import { SyncError } from '@odoo-sync/core';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import type { ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, withStore } from '../context.js';

/** `ledger`: what concerns the collection of batches itself. */
export function ledgerCommand(context: ProgramContext): Command {
  const ledger = new Command('ledger').description('the collection of batches');
  ledger
    .command('clear-old')
    .description(
      'remove the batches that an earlier engine left; says what it will do, and does it with --yes',
    )
    .option('--yes', 'do it')
    .option('--json', 'print JSON')
    .action(async (flags: { yes?: boolean; json?: boolean }) => {
      await withStore(context, async (store) => {
        const found = await store.countOldBatches();
        context.note(
          `${found} documents of ${COLLECTIONS.batches} have no \`release\`: an earlier engine's batches`,
        );
        if (found > 0 && !flags.yes)
          throw new SyncError('invalid', 'nothing was removed: say --yes to remove them');
        const removed = found > 0 ? await store.clearOldBatches() : 0;
        context.write(flags.json ? json({ found, removed }) : `${removed} removed`);
      });
    });
  return ledger;
}
