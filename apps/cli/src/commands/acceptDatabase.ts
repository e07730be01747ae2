import type { ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { userBy, withStore } from '../context.js';

/** `user accept-database`: another database answers where the user's was, and is to be mirrored in its place. */
export function acceptDatabaseCommand(context: ProgramContext): Command {
  return new Command('accept-database')
    .description('mirror the database that answers now in the place of the one that was mirrored before')
    .argument('<id>')
    .action((id: string) =>
      withStore(context, async (store) => {
        const user = await userBy(store, id);
        await store.acceptDatabase(user);
        context.write(
          `${user.userKey}: the database that answers now is mirrored from here on; \`odoo-sync audit ${user.userKey} --deep\` proves it record by record`,
        );
      }),
    );
}
