import { EXIT } from '@odoo-sync/runtime';
import type { ProgramContext } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, withStore } from '../context.js';

const TOLD_EACH = 100;

/** `keys`: what concerns the key ring as a whole. Exit code 1 where credentials stay sealed as they were. */
export function keysCommand(context: ProgramContext): Command {
  const keys = new Command('keys').description("the key ring of users' credentials");
  keys
    .command('reseal')
    .description(
      'seal credentials anew that another key than the first of CREDENTIALS_KEYS seals, or an earlier version; can be interrupted and said again',
    )
    .option('--json', 'print JSON')
    .action((flags: { json?: boolean }) => withStore(context, (store) => resealAll(context, store, flags)));
  return keys;
}

async function resealAll(
  context: ProgramContext,
  store: Parameters<Parameters<typeof withStore>[1]>[0],
  flags: { readonly json?: boolean },
): Promise<void> {
  let resealed = 0;
  const left: { readonly userKey: string; readonly fault: string }[] = [];
  for await (const { userKey, fault } of store.reseal(context.stop)) {
    if (fault === null) resealed++;
    else {
      left.push({ userKey, fault });
      context.note(`${userKey} stays as it was: ${fault}`);
    }
    if (resealed > 0 && resealed % TOLD_EACH === 0 && fault === null)
      context.note(`${resealed} users sealed anew`);
  }
  if (left.length > 0) context.exitWith(EXIT.failed);
  const interrupted = context.stop.aborted;
  if (flags.json) return context.write(json({ resealed, left, interrupted }));
  if (interrupted) return context.note(`interrupted after ${resealed} users: said again, it goes on`);
  const rest = left.length > 0 ? `, ${left.length} stay as they were` : '';
  context.write(`${resealed} users sealed anew${rest}`);
}
