import { ERROR } from '../apiError.js';
import type { Route } from '../context.js';
import { FLEET, readFleet } from '../fleet.js';

/** `GET /status`: every user and module, the queue, and the totals. */
export const statusRoute: Route = (app, context) => {
  const response = { 200: FLEET, 503: ERROR };
  app.get('/status', { schema: { summary: 'The whole fleet', response } }, () => readFleet(context));
};
