import { failuresOf } from '../apiError.js';
import type { Route } from '../context.js';
import { FLEET, FLEET_PAGE, readFleet } from '../fleet.js';

/** `GET /status`: the totals, the queue, and every user and module, page by page. */
export const statusRoute: Route = (app, context) => {
  const response = { 200: FLEET, ...failuresOf().response };
  app.get('/status', { schema: { summary: 'The fleet', querystring: FLEET_PAGE, response } }, ({ query }) =>
    readFleet(context, query),
  );
};
