import { wakeUser } from '@odoo-sync/engine';
import { failuresOfChange } from '../../../apiError.js';
import type { Route } from '../../../context.js';
import { WOKEN } from '../../../explanation.js';
import { findLiving } from '../../../findUser.js';
import { noteOf } from '../../../handOut.js';
import { wire } from '../../../wire.js';
import { USER_ID } from '../id.js';

/** `POST /users/{id}/wake`: makes a user due now, acknowledged when that is in the ledger. */
export const wakeRoute: Route = (app, context) => {
  const { response: failures, refuse } = failuresOfChange('no_such_user', 'being_removed');
  const response = { 202: WOKEN, ...failures };
  const schema = { summary: 'Make a user due now', params: USER_ID, response };
  app.post('/users/:id/wake', { schema }, async ({ params }, reply) => {
    const user = await findLiving(context, params.id, refuse);
    const woken = await wakeUser(context, user);
    const note = noteOf(await context.handOut(user.userKey));
    return reply
      .code(202)
      .header('location', `/users/${encodeURIComponent(user.userKey)}/explain`)
      .send({ ...wire(woken), note });
  });
};
