import { TURN_KIND_NAMES, type UserReport } from '@odoo-sync/core';
import { redactUrl } from '@odoo-sync/runtime';
import { z } from 'zod';
import { failuresOf } from '../../apiError.js';
import type { Route } from '../../context.js';
import { findReport } from '../../findUser.js';
import { DOC, ERROR_RECORD, MODULE, TIME, USER_VIEW, viewError, viewUser } from '../../views.js';

const FAILED_SHOWN = 200;

export const USER_ID = z.object({
  id: z.string().min(1).describe("a user's key, or its id where that is no user's key"),
});

const USER = USER_VIEW.extend({
  odoo: z.object({ url: z.string(), db: z.string() }),
  connectedAt: TIME,
  failed: z
    .array(
      z.object({
        turnId: z.string().describe('for POST /turns/{turnId}/retry'),
        doc: DOC,
        jobId: z.string(),
        module: MODULE,
        windowStart: TIME,
        windowEnd: TIME,
        attempts: z.int(),
        lastError: ERROR_RECORD.nullable(),
      }),
    )
    .describe(`failed windows, oldest first, ${FAILED_SHOWN} at most`),
  unreadable: z
    .array(
      z.object({
        turnId: z.string().describe('its window'),
        doc: DOC,
        module: MODULE,
        odooId: z.int(),
        reason: z.string().describe('what the source said'),
      }),
    )
    .describe(`records that the source could not read, ${FAILED_SHOWN} at most`),
  running: z.array(
    z.object({
      kind: z.enum(TURN_KIND_NAMES),
      module: MODULE.nullable(),
      turnId: z.string(),
      doc: DOC,
    }),
  ),
});

/** `GET /users/{id}`: everything about one user. */
export const userRoute: Route = (app, context) => {
  const { response: failures, refuse } = failuresOf('no_such_user');
  const response = { 200: USER, ...failures };
  app.get('/users/:id', { schema: { summary: 'One user', params: USER_ID, response } }, async ({ params }) =>
    view(await findReport(context, params.id, FAILED_SHOWN, refuse)),
  );
};

const view = (report: UserReport): z.infer<typeof USER> => ({
  ...viewUser(report),
  odoo: { url: redactUrl(report.user.address.url), db: report.user.address.db },
  connectedAt: report.user.connectedAt.toISOString(),
  failed: report.failedBatches.map((batch) => ({
    ...batch,
    doc: batch.turnId,
    windowStart: batch.windowStart.toISOString(),
    windowEnd: batch.windowEnd.toISOString(),
    lastError: viewError(batch.lastError),
  })),
  unreadable: report.unreadable.map(({ turnId, module, odooId, reason }) => ({
    turnId,
    doc: turnId,
    module,
    odooId,
    reason: redactUrl(reason),
  })),
  running: report.running.map(({ kind, module, turnId }) => ({ kind, module, turnId, doc: turnId })),
});
