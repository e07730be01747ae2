import {
  AUDIT_STATUSES,
  type AuditReport,
  type ErrorRecord,
  MODULE_NAMES,
  type ModuleReport,
  type ResyncReport,
  tellCliff,
  type UserReport,
} from '@odoo-sync/core';
import { redactUrl } from '@odoo-sync/runtime';
import { z } from 'zod';

const COUNT = z.int().min(0);
/** What 0.2 called a turn's id. */
export const DOC = z.string().describe('the same as turnId, by its name in 0.2');
export const TIME = z.iso.datetime();
export const MODULE = z.enum(MODULE_NAMES);

export const ERROR_RECORD = z.object({ kind: z.string(), message: z.string(), at: TIME });

export const viewError = (error: ErrorRecord | null): z.infer<typeof ERROR_RECORD> | null =>
  error && { kind: error.kind, message: redactUrl(error.message), at: error.at.toISOString() };

const DIFFERENCES = z.object({
  missing: COUNT,
  stale: COUNT,
  gone: COUNT,
  content: COUNT.describe('of the same date, and with other content'),
});

export const AUDIT_VIEW = z.object({
  status: z
    .enum(AUDIT_STATUSES)
    .describe('stopped: so much is gone that somebody has to accept it, see cliff'),
  dueAt: TIME,
  proof: z
    .object({
      kind: z.literal('date').describe('every id of the source is in the mirror with the same write_date'),
      equal: z.boolean(),
      asOf: TIME.describe("by the source's clock"),
      contentAsOf: TIME.nullable().describe('each record that is older was read in full since'),
      endedAt: TIME,
      records: COUNT,
      found: DIFFERENCES.describe('before it healed them'),
      healed: COUNT,
      open: COUNT.describe('differences that are left'),
    })
    .nullable()
    .describe('of the last audit; null before the first'),
  running: z
    .object({
      phase: z.enum(['compare', 'bury']),
      deep: z.boolean().describe('it reads every record in full'),
      records: COUNT,
    })
    .nullable(),
  refilling: z
    .boolean()
    .describe('fields came or went: what is mirrored is read once more, and lacks what is new until then'),
  cliff: z
    .object({
      reason: z.enum(['nothing', 'company', 'share']),
      gone: COUNT,
      of: COUNT,
      company: z.string().nullable(),
      message: z.string(),
    })
    .nullable(),
  lastError: ERROR_RECORD.nullable(),
});

const viewAudit = ({
  status,
  dueAt,
  result,
  run,
  cliff,
  refilling,
  lastError,
}: AuditReport): z.infer<typeof AUDIT_VIEW> => ({
  status,
  dueAt: dueAt.toISOString(),
  proof: result && {
    kind: 'date',
    equal: result.open === 0,
    asOf: result.asOf.toISOString(),
    endedAt: result.endedAt.toISOString(),
    records: result.records,
    contentAsOf: result.contentAsOf?.toISOString() ?? null,
    found: {
      missing: result.found.missing,
      stale: result.found.stale,
      gone: result.found.gone,
      content: result.found.content,
    },
    healed: result.healed,
    open: result.open,
  },
  running: run && { phase: run.phase, deep: run.share === 'all', records: run.records },
  refilling,
  cliff: cliff && {
    reason: cliff.reason,
    gone: cliff.gone,
    of: cliff.of,
    company: cliff.company?.name ?? null,
    message: tellCliff(cliff),
  },
  lastError: viewError(lastError),
});

export const MODULE_VIEW = z.object({
  module: MODULE,
  state: z.enum(['caught_up', 'syncing', 'failing', 'unavailable']),
  reason: z.string().nullable(),
  windows: z.object({
    total: COUNT,
    done: COUNT.describe('read at least once, or found empty by the survey'),
    empty: COUNT.describe('found empty by the survey: no job was made for them'),
    pending: COUNT,
    inFlight: COUNT,
    open: COUNT,
    succeeded: COUNT,
    failed: COUNT,
  }),
  records: COUNT.describe("read by the windows' last passes"),
  surveyed: COUNT.nullable().describe('records that the source counted before the backfill'),
  pages: COUNT,
  retries: COUNT,
  unreadable: COUNT.describe('records that the source could not read, left out of their windows'),
  lagMs: z.number().nullable().describe('how far the mirror may be behind; null before the first tail'),
  lastPass: TIME.nullable(),
  mirroredFrom: TIME.nullable().describe("the first window's start; null before the survey"),
  droppedFields: z.array(z.string()).describe('wanted, but not offered to this user by the source'),
  audit: AUDIT_VIEW.nullable(),
});
export type ModuleView = z.infer<typeof MODULE_VIEW>;

export const viewModule = ({
  recordsRead,
  lastPass,
  mirroredFrom,
  droppedFields,
  reason,
  audit,
  ...rest
}: ModuleReport): ModuleView => ({
  ...rest,
  reason: reason === null ? null : redactUrl(reason),
  records: recordsRead,
  lastPass: lastPass?.toISOString() ?? null,
  mirroredFrom: mirroredFrom?.toISOString() ?? null,
  droppedFields: [...droppedFields],
  audit: audit && viewAudit(audit),
});

export const RESYNC_VIEW = z.object({
  id: z.string(),
  status: z.enum(['pending', 'queued', 'running', 'succeeded', 'failed']),
  modules: z.array(MODULE),
  from: TIME,
  to: TIME,
  windows: z.object({ total: COUNT, done: COUNT, failed: COUNT }),
  requestedAt: TIME,
  lastError: ERROR_RECORD.nullable(),
});

export const viewResync = (resync: ResyncReport): z.infer<typeof RESYNC_VIEW> => ({
  id: resync.id,
  status: resync.status,
  modules: [...resync.modules],
  from: resync.from.toISOString(),
  to: resync.to.toISOString(),
  windows: { total: resync.total, done: resync.done, failed: resync.failed },
  requestedAt: resync.requestedAt.toISOString(),
  lastError: viewError(resync.lastError),
});

export const USER_VIEW = z.object({
  userKey: z.string(),
  userId: z.string().describe('an ObjectId stands as its hex'),
  standing: z.enum(['active', 'needs_attention', 'removing']),
  attention: ERROR_RECORD.nullable(),
  caughtUp: z.boolean(),
  timeLeftMs: z
    .number()
    .nullable()
    .describe(
      'of the backfill, at the pace so far, waiting for a worker not included; null before its first window',
    ),
  outage: z
    .object({ since: TIME, nextTryAt: TIME })
    .nullable()
    .describe('the source can not be reached, and is left alone until the next try'),
  clock: z
    .object({ aheadMs: z.number(), message: z.string() })
    .nullable()
    .describe("the source's clock is too far off to be believed: the store's serves instead"),
  tailError: ERROR_RECORD.nullable().describe('why the last tail failed; changes are not followed meanwhile'),
  modules: z.array(MODULE_VIEW),
  resyncs: z.array(RESYNC_VIEW),
});
export type UserView = z.infer<typeof USER_VIEW>;

/** What is shown of a user: picked field by field, so that nothing else of what the store knows gets out. */
export const viewUser = ({
  user,
  caughtUp,
  timeLeftMs,
  outage,
  clock,
  tailError,
  modules,
  resyncs,
}: UserReport): UserView => ({
  userKey: user.userKey,
  userId: typeof user.userId === 'string' ? user.userId : user.userId.toHexString(),
  standing: user.standing,
  attention: viewError(user.attention),
  caughtUp,
  timeLeftMs,
  outage: outage && { since: outage.since.toISOString(), nextTryAt: outage.nextTryAt.toISOString() },
  clock,
  tailError: viewError(tailError),
  modules: modules.map(viewModule),
  resyncs: resyncs.map(viewResync),
});
