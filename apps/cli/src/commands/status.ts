import { type ModuleReport, type Store, tellResult, type UserPage, type UserReport } from '@odoo-sync/core';
import { type ProgramContext, table } from '@odoo-sync/terminal';
import { Command } from 'commander';
import { json, userBy, withStore } from '../context.js';
import { pageOf, withPageFlags } from '../pages.js';

const FAILED_SHOWN = 50;

interface Flags extends UserPage {
  readonly trouble?: boolean;
  readonly json?: boolean;
}

/** `status`: how far users' mirrors are; of one user, also its failed batches and resyncs. */
export function statusCommand(context: ProgramContext): Command {
  return withPageFlags(new Command('status'))
    .description('how far the mirror is')
    .argument('[user]', 'one user, with its failed batches and resyncs')
    .option('--trouble', 'only users whom somebody should look at')
    .option('--json', 'print JSON')
    .action(async (id: string | undefined, flags: Flags) => {
      await withStore(context, async (store) => {
        const reports = await (id === undefined
          ? reportsOf(store, flags, context.note)
          : reportOf(store, id));
        if (flags.json) return context.write(json(id === undefined ? reports : reports[0]));
        if (reports.length === 0)
          return context.write(
            flags.trouble ? 'nobody is in trouble' : 'no users: `odoo-sync user add` connects one',
          );
        context.write(modulesOf(reports));
        for (const line of reports.flatMap(detailsOf)) context.write(line);
        if (id !== undefined) for (const line of reports.flatMap(proofsOf)) context.write(line);
      });
    });
}

async function reportOf(store: Store, id: string): Promise<readonly UserReport[]> {
  const report = await store.report((await userBy(store, id)).userKey, FAILED_SHOWN);
  return report ? [report] : [];
}

async function reportsOf(
  store: Store,
  flags: Flags,
  note: ProgramContext['note'],
): Promise<readonly UserReport[]> {
  if (flags.trouble) return store.reports((await store.fleetFigures()).inTrouble);
  const users = await pageOf(store, flags, note);
  return store.reports(users.map(({ userKey }) => userKey));
}

const HEAD = ['user', 'module', 'state', 'windows', 'failed', 'records', 'lag', 'proved'];

const modulesOf = (reports: readonly UserReport[]): string =>
  table(
    HEAD,
    reports.flatMap(({ user, modules }) =>
      modules.map((one) => [
        user.userKey,
        one.module,
        one.state.replace('_', ' '),
        `${one.windows.done}/${one.windows.total}`,
        one.windows.failed,
        recordsOf(one),
        one.lagMs === null ? '' : `${Math.round(one.lagMs / 1_000)} s`,
        provedAt(one),
      ]),
    ),
  );

const recordsOf = ({ recordsRead, surveyed }: ModuleReport): string =>
  surveyed === null ? String(recordsRead) : `${recordsRead} of ${surveyed}`;

/** As of when the mirror was last proved equal. */
const provedAt = ({ audit }: ModuleReport): string =>
  audit?.result?.open === 0 ? `${audit.result.asOf.toISOString().slice(0, 16)}Z` : '';

const proofsOf = ({ user, modules }: UserReport): readonly string[] =>
  modules.flatMap(({ module, audit }) =>
    audit?.result ? [`${user.userKey} ${module}: ${tellResult(audit.result)}`] : [],
  );

function detailsOf(report: UserReport): readonly string[] {
  const { user, caughtUp, timeLeftMs, outage, tailError, modules, failedBatches, unreadable, resyncs } =
    report;
  const lines: string[] = [];
  if (!caughtUp && timeLeftMs)
    lines.push(`${user.userKey}: about ${Math.ceil(timeLeftMs / 1_000)} s of backfill left`);
  if (user.attention) lines.push(`${user.userKey} needs attention: ${user.attention.message}`);
  if (outage) {
    const { since, nextTryAt } = outage;
    lines.push(
      `${user.userKey}: its Odoo is out of reach since ${since.toISOString()}, and is tried again at ${nextTryAt.toISOString()}`,
    );
  }
  if (report.clock) lines.push(`${user.userKey}: ${report.clock.message}`);
  if (tailError) lines.push(`${user.userKey} is not followed: ${tailError.message}`);
  for (const { module, state, reason } of modules) if (reason) lines.push(`${module} is ${state}: ${reason}`);
  for (const { turnId, attempts, lastError } of failedBatches)
    lines.push(`failed: ${turnId} after ${attempts} attempts: ${lastError?.message ?? 'no error is kept'}`);
  for (const { turnId, odooId, reason } of unreadable)
    lines.push(`unreadable: record ${odooId} of ${turnId}: ${reason}`);
  for (const { id, status, done, total, failed, lastError } of resyncs) {
    const ofThem = failed > 0 ? `, ${failed} failed: ${lastError?.message ?? 'no error is kept'}` : '';
    lines.push(`${id}: ${status}, ${done} of ${total} windows${ofThem}`);
  }
  return lines;
}
