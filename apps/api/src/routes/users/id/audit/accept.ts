import { MODULE_NAMES } from '@odoo-sync/core';
import { failuresOfChange } from '../../../../apiError.js';
import type { Route } from '../../../../context.js';
import { findLiving } from '../../../../findUser.js';
import { noteOf } from '../../../../handOut.js';
import { USER_ID } from '../../id.js';
import { AUDIT_ACCEPTED, AUDIT_BODY } from '../audit.js';

const ACCEPT_BODY = AUDIT_BODY.unwrap().omit({ deep: true }).nullable();

/** `POST /users/{id}/audit/accept`: what an audit that has stopped found gone was deleted, and is marked so. */
export const acceptAuditRoute: Route = (app, context) => {
  const { response: failures, refuse } = failuresOfChange('no_such_user', 'being_removed');
  const response = { 202: AUDIT_ACCEPTED, ...failures };
  const schema = {
    summary: 'Accept what a stopped audit found gone',
    params: USER_ID,
    body: ACCEPT_BODY,
    response,
  };
  app.post('/users/:id/audit/accept', { schema }, async ({ params, body }, reply) => {
    const user = await findLiving(context, params.id, refuse);
    const modules = await context.store.acceptAudit(user, body?.modules ?? MODULE_NAMES);
    const note = noteOf(await context.handOut(user.userKey));
    return reply
      .code(202)
      .header('location', `/users/${encodeURIComponent(user.userKey)}`)
      .send({ userKey: user.userKey, modules: [...modules], note });
  });
};
