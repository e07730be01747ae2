import type { Route } from '../context.js';

/** `GET /` */
export const rootRoute: Route = (app) => {
  app.get('/', { schema: { hide: true } }, (_, reply) => reply.redirect('/dashboard'));
};
