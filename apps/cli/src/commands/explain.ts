import { type PassCounts, SyncError } from '@odoo-sync/core';
import { explainUser, type UserExplanation } from '@odoo-sync/engine';
import { redactUrl } from '@odoo-sync/runtime';
import { type ProgramContext, table } from '@odoo-sync/terminal';
import { Command, InvalidArgumentError } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { withJobQueue } from '../jobQueue.js';

const TURNS = 10;
const TURNS_MAX = 1_000;

interface Flags {
  readonly turns: number;
  readonly json?: boolean;
}

/** `user explain`: what the planner would do with a user now, and why. Changes nothing. */
export function explainCommand(context: ProgramContext): Command {
  return new Command('explain')
    .description("say why a user's next turn is what it is")
    .argument('<id>')
    .option('--turns <count>', `show so many of its last turns, up to ${TURNS_MAX}`, readCount, TURNS)
    .option('--json', 'print JSON')
    .action((id: string, flags: Flags) =>
      withStore(context, async (store, config) => {
        const { userKey } = await userBy(store, id);
        const { engine: settings } = config;
        const told = await withJobQueue(config, (jobQueue) =>
          explainUser({ store, jobQueue, settings, redact: redactUrl }, userKey, flags.turns),
        );
        if (!told) throw new SyncError('notFound', `the user ${userKey} was removed just now`);
        if (flags.json) return context.write(json(told));
        for (const part of partsOf(told)) context.write(part);
      }),
    );
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= TURNS_MAX) return count;
  throw new InvalidArgumentError(`expected a whole number from 0 to ${TURNS_MAX}, but got "${text}"`);
}

const time = (at: Date | null): string => at?.toISOString() ?? '';
const day = (at: Date | null): string => at?.toISOString().slice(0, 10) ?? '';

function partsOf(told: UserExplanation): readonly string[] {
  const { sentences, inFlight, lanes, pastTurns } = told;
  return [
    ...sentences,
    ...titled(
      'turns that are out',
      ['kind', 'module', 'window', 'status', 'ready at', 'attempts', 'job'],
      inFlight.map(({ kind, module, windowStart, status, readyAt, attempts, job }) => [
        ...[kind, module ?? 'all', day(windowStart), status, time(readyAt), attempts, job ?? 'not known'],
      ]),
    ),
    ...titled(
      'lanes that are held',
      ['module', 'by', 'since', 'until, unless renewed'],
      lanes.map(({ module, holder, takenAt, expiresAt, expired }) => [
        ...[module, holder.turnId, time(takenAt), `${time(expiresAt)}${expired ? ' (expired)' : ''}`],
      ]),
    ),
    ...titled(
      'last turns',
      ['ended', 'kind', 'module', 'window', 'outcome', 'pages', 'records', 'took'],
      pastTurns.map(({ kind, module, windowStart, outcome, pages, counts, takenAt, endedAt }) => [
        ...[time(endedAt), kind, module, day(windowStart), outcome, pages, countsOf(counts)],
        `${endedAt.getTime() - takenAt.getTime()} ms`,
      ]),
    ),
  ];
}

function titled(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  return rows.length > 0 ? [`\n${title}`, table(head, rows)] : [];
}

const countsOf = (counts: PassCounts | null): string =>
  counts === null ? '' : `${counts.read} (${counts.inserted} new, ${counts.updated} changed)`;
