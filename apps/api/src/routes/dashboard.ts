import { randomBytes } from 'node:crypto';
import type { Route } from '../context.js';
import { dashboardPage } from '../dashboard/page.js';
import { FLEET_PAGE, readFleet, readReports } from '../fleet.js';

/** `GET /dashboard`: the fleet for people, refreshed by itself. */
export const dashboardRoute: Route = (app, context) => {
  app.get('/dashboard', { schema: { hide: true, querystring: FLEET_PAGE } }, async ({ query }, reply) => {
    const nonce = randomBytes(16).toString('base64');
    const fleet = await readFleet(context, query);
    const here = new Set(fleet.users.map(({ userKey }) => userKey));
    const elsewhere =
      query.after === undefined ? fleet.inTrouble.filter((userKey) => !here.has(userKey)) : [];
    const page = dashboardPage(fleet, await readReports(context, elsewhere.slice(0, query.limit)), nonce);
    return reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      )
      .send(page);
  });
};
