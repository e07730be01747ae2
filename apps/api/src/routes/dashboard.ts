import { randomBytes } from 'node:crypto';
import type { Route } from '../context.js';
import { dashboardPage } from '../dashboard/page.js';
import { readFleet } from '../fleet.js';

/** `GET /dashboard`: the fleet for people, refreshed by itself. */
export const dashboardRoute: Route = (app, context) => {
  app.get('/dashboard', { schema: { hide: true } }, async (_, reply) => {
    const nonce = randomBytes(16).toString('base64');
    const page = dashboardPage(await readFleet(context), nonce);
    return reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      )
      .send(page);
  });
};
