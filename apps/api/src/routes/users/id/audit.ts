import { type Audit, MODULE_NAMES } from '@odoo-sync/core';
import { z } from 'zod';
import { failuresOfChange } from '../../../apiError.js';
import type { Route } from '../../../context.js';
import { findLiving } from '../../../findUser.js';
import { noteOf } from '../../../handOut.js';
import { MODULE } from '../../../views.js';
import { USER_ID } from '../id.js';

export const AUDIT_BODY = z
  .strictObject({
    modules: z.array(MODULE).min(1).optional().describe('all of them where none is named'),
    deep: z.boolean().optional().describe('read every record in full, though its date is the same'),
  })
  .nullable();

export const AUDIT_ACCEPTED = z.object({
  userKey: z.string(),
  modules: z.array(MODULE),
  note: z.string().nullable(),
});

/** `POST /users/{id}/audit`: has modules compared with their source as soon as their turn comes. What comes of it stands in the user's status. */
export const auditRoute: Route = (app, context) => {
  const { response: failures, refuse } = failuresOfChange('no_such_user', 'being_removed');
  const response = { 202: AUDIT_ACCEPTED, ...failures };
  const schema = {
    summary: 'Compare a user with its source, and heal what differs',
    params: USER_ID,
    body: AUDIT_BODY,
    response,
  };
  app.post('/users/:id/audit', { schema }, async ({ params, body }, reply) => {
    const user = await findLiving(context, params.id, refuse);
    const asked = await context.store.requestAudit(user, body?.modules ?? MODULE_NAMES, body?.deep ?? false);
    const note = noteOf(await context.handOut(user.userKey));
    return reply
      .code(202)
      .header('location', `/users/${encodeURIComponent(user.userKey)}`)
      .send({ userKey: user.userKey, modules: asked.map(({ module }: Audit) => module), note });
  });
};
