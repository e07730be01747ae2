import { SyncError } from '@odoo-sync/core';
import { EXIT } from '@odoo-sync/runtime';
import type { MongoStore } from '@odoo-sync/store-mongo';
import type { ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, userBy, withStore } from '../context.js';

const PAGE = 500;

/** `retry`: gives failed batches and resyncs fresh attempts; the fleet takes them in their turn. */
export function retryCommand(context: ProgramContext): Command {
  return new Command('retry')
    .description('try failed batches and resyncs again, with fresh attempts')
    .argument('[batch...]', 'those that `odoo-sync status USER` lists as failed')
    .option('--all', 'every failed one')
    .option('--user <id>', 'with --all: of one user')
    .option('--json', 'print JSON')
    .action(async (docs: readonly string[], flags: { all?: boolean; user?: string; json?: boolean }) => {
      if (docs.length > 0 === (flags.all === true))
        throw new SyncError(
          'invalid',
          'expected either --all or the ids of what is to be tried again: status ID lists what has failed',
        );
      if (flags.user !== undefined && !flags.all)
        throw new SyncError('invalid', 'expected --all beside --user');
      await withStore(context, async (store) => {
        const wanted = flags.all ? await allFailed(store, flags.user) : docs;
        const retried: string[] = [];
        const unknown: string[] = [];
        for (const turnId of wanted) ((await store.requestRetry(turnId)) ? retried : unknown).push(turnId);
        if (flags.json) context.write(json({ retried, notFailed: unknown }));
        else context.write(`${retried.length} will be tried again`);
        // Of all, one that healed meanwhile is as good as one that was retried.
        if (flags.all || unknown.length === 0) return;
        context.note(
          `nothing failed under the name ${unknown.join(', ')}: \`odoo-sync status USER\` lists what has`,
        );
        context.exitWith(EXIT.failed);
      });
    });
}

async function allFailed(store: MongoStore, id: string | undefined): Promise<readonly string[]> {
  const userKey = id === undefined ? undefined : (await userBy(store, id)).userKey;
  const docs: string[] = [];
  for (let after: string | null = null; ; ) {
    const turns = await store.failedTurns(after, PAGE);
    docs.push(
      ...turns
        .filter((turn) => userKey === undefined || turn.userKey === userKey)
        .map(({ turnId }) => turnId),
    );
    after = turns.at(-1)?.turnId ?? null;
    if (after === null || turns.length < PAGE) return docs;
  }
}
