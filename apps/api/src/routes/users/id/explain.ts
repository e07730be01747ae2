import { explainUser } from '@odoo-sync/engine';
import { redactUrl } from '@odoo-sync/runtime';
import { z } from 'zod';
import { failuresOf } from '../../../apiError.js';
import type { Route } from '../../../context.js';
import { EXPLANATION } from '../../../explanation.js';
import { orNone } from '../../../findUser.js';
import { wire } from '../../../wire.js';
import { USER_ID } from '../id.js';

const TURNS = 10;
const TURNS_MAX = 1_000;

const QUERY = z.strictObject({
  turns: z.coerce.number().int().min(0).max(TURNS_MAX).default(TURNS).describe('so many of its last turns'),
});

/** `GET /users/{id}/explain`: what the planner would do with a user now, and why. */
export const explainRoute: Route = (app, { store, jobQueue, settings }) => {
  const { response: failures, refuse } = failuresOf('no_such_user');
  const response = { 200: EXPLANATION, ...failures };
  const schema = {
    summary: "Why a user's next turn is what it is",
    params: USER_ID,
    querystring: QUERY,
    response,
  };
  const explain = { store, jobQueue, settings, redact: redactUrl };
  app.get('/users/:id/explain', { schema }, async ({ params, query }) =>
    wire(await orNone(params.id, refuse, (userKey) => explainUser(explain, userKey, query.turns))),
  );
};
