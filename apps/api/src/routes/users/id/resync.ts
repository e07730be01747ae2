import { MODULE_NAMES } from '@odoo-sync/core';
import { z } from 'zod';
import { failuresOfChange, type Refuse } from '../../../apiError.js';
import type { Route } from '../../../context.js';
import { findLiving } from '../../../findUser.js';
import { noteOf } from '../../../handOut.js';
import { MODULE, TIME } from '../../../views.js';
import { USER_ID } from '../id.js';

const MOMENT = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'expected a date (2026-11-22) or a time with its zone (2026-11-22T08:00:00Z)',
});

const BODY = z
  .strictObject({
    modules: z.array(MODULE).min(1).optional().describe('all of them where none is named'),
    from: MOMENT.optional().describe(
      "widened to whole windows; from the user's first one where it is left out",
    ),
    to: MOMENT.optional().describe('the end, excluded; to the last window where it is left out'),
  })
  .nullable();

const ACCEPTED = z.object({
  id: z.string(),
  userKey: z.string(),
  modules: z.array(MODULE),
  from: TIME,
  to: TIME,
  windows: z.int(),
  note: z.string().nullable(),
});

/** `POST /users/{id}/resync`: the request to read windows again, acknowledged when it is in the ledger. */
export const resyncRoute: Route = (app, context) => {
  const { response: failures, refuse } = failuresOfChange('invalid_request', 'no_such_user', 'being_removed');
  const response = { 202: ACCEPTED, ...failures };
  const schema = { summary: 'Read windows of a user again', params: USER_ID, body: BODY, response };
  app.post('/users/:id/resync', { schema }, async ({ params, body }, reply) => {
    const range = rangeOf(body, refuse);
    const user = await findLiving(context, params.id, refuse);
    const resync = await context.store.requestResync(user, {
      modules: body?.modules ?? MODULE_NAMES,
      ...range,
      requestedBy: 'api',
    });
    const note = noteOf(await context.handOut(user.userKey));
    return reply
      .code(202)
      .header('location', `/users/${encodeURIComponent(user.userKey)}`)
      .send({
        id: resync._id,
        userKey: user.userKey,
        modules: [...resync.modules],
        from: resync.from.toISOString(),
        to: resync.to.toISOString(),
        windows: resync.total,
        note,
      });
  });
};

function rangeOf(
  body: z.infer<typeof BODY>,
  refuse: Refuse<'invalid_request'>,
): { readonly from?: Date; readonly to?: Date } {
  const { from, to } = body ?? {};
  if (from !== undefined && to !== undefined && new Date(from) >= new Date(to)) {
    throw refuse(
      'invalid_request',
      `expected body.from before body.to, which is the end and excluded, but they are "${from}" and "${to}". /docs/json describes what is taken`,
    );
  }
  return {
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
  };
}
