import { wakeUser } from '@odoo-sync/engine';
import type { ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, userBy, withStore } from '../context.js';

/** `user wake`: makes a user due now; the next tick looks at it. */
export function wakeCommand(context: ProgramContext): Command {
  return new Command('wake')
    .description('make a user due now, with its tail, probes, and an Odoo that is left alone')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action((id: string, flags: { json?: boolean }) =>
      withStore(context, async (store, config) => {
        const user = await userBy(store, id);
        const woken = await wakeUser({ store, settings: config.engine }, user);
        if (flags.json) return context.write(json(woken));
        for (const sentence of woken.sentences) context.write(sentence);
      }),
    );
}
