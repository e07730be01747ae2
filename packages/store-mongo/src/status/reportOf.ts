import {
  type Audit,
  type AuditReport,
  type BatchStatus,
  clockFault,
  MODULE_NAMES,
  type ModuleName,
  type ModuleReport,
  type RangeDays,
  type Resync,
  TAIL_WIDE_MS,
  tellCliff,
  tellResult,
  timeLeftMs,
  type UserReport,
} from '@odoo-sync/core';
import type { PlanDocument, UserDocument } from '../collections.js';
import { userOf } from '../users/users.js';
import type { BatchTotals } from './batchTotals.js';
import { UNREAD } from './counts.js';

/** A resync that isn't over, or has failed: what it was asked for may not be in the mirror. */
export type Unsettled = Pick<Resync, 'status' | 'modules'>;

/** An audit without the ids that it found gone. */
export type AuditedModule = Pick<
  Audit,
  'module' | 'status' | 'dueAt' | 'result' | 'cliff' | 'lastError' | 'filledBy' | 'deep'
> & {
  readonly run: AuditReport['run'];
};

/** The report that follows from a user's plan, the totals of its batches and its resyncs. @param now by the store's clock. */
export function reportOf(
  user: Omit<UserDocument, 'sealed'> | UserDocument,
  plan: PlanDocument,
  totals: readonly BatchTotals[],
  {
    unsettled,
    audits,
  }: { readonly unsettled: readonly Unsettled[]; readonly audits: readonly AuditedModule[] },
  now: Date,
): Pick<UserReport, 'user' | 'caughtUp' | 'timeLeftMs' | 'outage' | 'clock' | 'tailError' | 'modules'> {
  const odooNow = now.getTime() + plan.skewMs;
  const modules = MODULE_NAMES.map((module) =>
    moduleReport(
      module,
      user.rangeDays,
      plan,
      {
        totals: totals.filter((row) => row._id.module === module),
        unsettled: unsettled.filter(({ modules }) => modules.includes(module)),
        audit: audits.find((audit) => audit.module === module) ?? null,
      },
      odooNow,
    ),
  );
  const working = modules.filter(({ state }) => state !== 'unavailable');
  const caughtUp =
    user.standing === 'active' &&
    isFollowed(plan) &&
    working.length > 0 &&
    working.every(({ state }) => state === 'caught_up');
  return {
    user: userOf(user as UserDocument),
    caughtUp,
    timeLeftMs: timeLeft(totals, modules),
    outage: outageOf(plan),
    clock: plan.clockOffMs == null ? null : clockFault(plan.clockOffMs),
    tailError: plan.tail.lastError,
    modules,
  };
}

/** A tail can't see what is dated further back than it looks, less the time that a pass itself takes. */
const FOLLOWED_MS = TAIL_WIDE_MS - 2 * 3_600_000;
const isFollowed = ({ clockOffMs }: PlanDocument): boolean => (clockOffMs ?? 0) > -FOLLOWED_MS;

/** A count that is no whole number from 0 on isn't shown, whatever an Odoo once told: one user's figures must not break a page. */
const countOrNull = (value: number | null | undefined): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;

const outageOf = ({ outage }: PlanDocument): UserReport['outage'] =>
  outage?.openUntil ? { since: outage.since, nextTryAt: outage.openUntil } : null;

function timeLeft(totals: readonly BatchTotals[], modules: readonly ModuleReport[]): number | null {
  const laidOut = modules.every(
    ({ state, mirroredFrom }) => state === 'unavailable' || mirroredFrom !== null,
  );
  if (!laidOut) return null;
  const sum = (rows: readonly BatchTotals[], pick: (row: BatchTotals) => number) =>
    rows.reduce((n, row) => n + pick(row), 0);
  const left = totals.filter((row) => UNREAD.includes(row._id.status));
  const leftMs = timeLeftMs(
    { windows: sum(totals, (row) => row.passes), records: sum(totals, (row) => row.read) },
    sum(totals, (row) => row.tookMs),
    {
      windows: sum(left, (row) => row.windows - row.readOnce),
      records: sum(left, (row) => row.uncounted) > 0 ? null : sum(left, (row) => row.surveyed),
    },
  );
  return leftMs !== null && Number.isFinite(leftMs) && leftMs >= 0 ? leftMs : null;
}

function moduleReport(
  module: ModuleName,
  rangeDays: RangeDays,
  plan: PlanDocument,
  {
    totals: rows,
    unsettled,
    audit,
  }: {
    readonly totals: readonly BatchTotals[];
    readonly unsettled: readonly Unsettled[];
    readonly audit: AuditedModule | null;
  },
  odooNow: number,
): ModuleReport {
  const state = plan.modules[module];
  const sum = (pick: (row: BatchTotals) => number, ...statuses: BatchStatus[]) =>
    rows
      .filter((row) => statuses.length === 0 || statuses.includes(row._id.status))
      .reduce((n, row) => n + (countOrNull(pick(row)) ?? 0), 0);
  const count = (...statuses: BatchStatus[]) => sum((row) => row.windows, ...statuses);
  const windows = {
    total: count(),
    done: sum((row) => row.readOnce),
    empty: sum((row) => row.empty),
    pending: count('pending'),
    inFlight: count('queued', 'running', 'committing'),
    open: count('open'),
    succeeded: count('succeeded'),
    failed: count('failed'),
  };
  const lastRead = Math.max(0, ...rows.map((row) => row.lastRead?.getTime() ?? 0));
  const lastPass = state.lastPass?.getTime() ?? Number.NEGATIVE_INFINITY;
  const unread = windows.pending + windows.inFlight;
  const sealableNow = odooNow - plan.dbSkewMs;
  const sealable = rows.some((row) => row._id.status === 'open' && row.firstDue.getTime() <= sealableNow);
  const { tiling } = state;
  const tiled = tiling?.range === rangeDays && tiling.until.getTime() > odooNow;
  const refilling = audit !== null && isToBeFilled(audit, state.schema);
  let is: ModuleReport['state'] = 'syncing';
  if (state.state === 'unavailable') is = 'unavailable';
  else if (audit?.cliff || (audit?.result?.open ?? 0) > 0) is = 'failing';
  else if (windows.failed > 0 || unsettled.some(({ status }) => status === 'failed')) is = 'failing';
  else if (!refilling && unsettled.length === 0 && tiled && unread === 0 && !sealable && lastPass >= lastRead)
    is = 'caught_up';
  return {
    module,
    state: is,
    reason: state.reason?.message ?? reasonOf(audit),
    windows,
    recordsRead: sum((row) => row.read),
    surveyed: countOrNull(state.surveyed),
    mirroredFrom: tiling?.from ?? null,
    pages: sum((row) => row.pages),
    retries: sum((row) => row.retries),
    unreadable: sum((row) => row.unreadable),
    lagMs: state.lastPass ? Math.max(0, odooNow - state.lastPass.getTime()) : null,
    lastPass: state.lastPass,
    droppedFields: state.dropped,
    audit: audit && auditReport(audit, refilling),
  };
}

/** Whether what is mirrored is still to be read by the module's present schema. */
const isToBeFilled = ({ filledBy, deep }: AuditedModule, schema: string | null): boolean =>
  filledBy === null ? deep : filledBy !== schema;

function reasonOf(audit: AuditedModule | null): string | null {
  if (audit?.cliff) return tellCliff(audit.cliff);
  return audit?.result && audit.result.open > 0 ? tellResult(audit.result) : null;
}

const auditReport = (
  { status, dueAt, result, run, cliff, lastError }: AuditedModule,
  refilling: boolean,
): AuditReport => ({
  status,
  dueAt,
  result,
  run: run && { phase: run.phase, share: run.share, startedAt: run.startedAt, records: run.records },
  cliff,
  refilling,
  lastError,
});
