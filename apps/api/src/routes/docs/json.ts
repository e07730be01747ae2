import type { Route } from '../../context.js';

/** `GET /docs/json`: this API as OpenAPI. */
export const docsJsonRoute: Route = (app) => {
  app.get('/docs/json', { schema: { hide: true } }, () => app.swagger());
};
