import {
  type ErrorRecord,
  MODULE_NAMES,
  type ModuleReport,
  type ResyncReport,
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
});
export type ModuleView = z.infer<typeof MODULE_VIEW>;

export const viewModule = ({
  recordsRead,
  lastPass,
  mirroredFrom,
  droppedFields,
  reason,
  ...rest
}: ModuleReport): ModuleView => ({
  ...rest,
  reason: reason === null ? null : redactUrl(reason),
  records: recordsRead,
  lastPass: lastPass?.toISOString() ?? null,
  mirroredFrom: mirroredFrom?.toISOString() ?? null,
  droppedFields: [...droppedFields],
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
