import { serializerCompiler, validatorCompiler } from '@fastify/type-provider-zod';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { demandToken } from './accessToken.js';
import { ApiError } from './apiError.js';
import { mountBoard } from './board/mountBoard.js';
import type { ApiContext, App } from './context.js';
import { BODY_LIMIT, createErrorHandler } from './errorHandler.js';
import { createHandOut } from './handOut.js';
import { addOpenApi } from './openApi.js';
import { ROUTES } from './routes/index.js';
import { rememberRoutes } from './routeTable.js';
import { requireLoopbackHost, requireOwnPage } from './sameSite.js';
import type { Services } from './services.js';

// A doc holds a user's key, which writes one letter of an id in up to nine.
const PARAM_LIMIT = 2_000;
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Bull Board's page would wait for a web font from outside.
  'content-security-policy': "frame-ancestors 'none'; font-src 'self'; style-src 'self' 'unsafe-inline'",
};

/**
 * Builds the HTTP server; the caller listens.
 * @param token that every request must show; null for a server that this machine alone can reach.
 */
export async function createServer(services: Services, token: string | null): Promise<App> {
  const { log } = services;
  const onError = createErrorHandler(log);
  const app: App = fastify({
    frameworkErrors: onError,
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: PARAM_LIMIT },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(onError);
  const methodsOf = rememberRoutes(app);
  app.setNotFoundHandler(({ method, url }, reply) => {
    const methods = methodsOf(url).join(', ');
    if (methods !== '') {
      reply.header('allow', methods);
      throw new ApiError(405, 'wrong_method', `expected ${methods} for ${url}, but it is ${method}`);
    }
    throw new ApiError(404, 'no_such_route', `there is no ${method} ${url}: /docs/json lists what there is`);
  });
  app.addHook('onRequest', async (_, reply) => {
    reply.headers(HEADERS);
  });
  if (token === null) app.addHook('onRequest', requireLoopbackHost);
  else await demandToken(app, token, onError);
  app.addHook('onRequest', requireOwnPage);
  const context: ApiContext = { ...services, handOut: createHandOut(services, log) };
  await addOpenApi(app, token !== null);
  mountBoard(app, context);
  for (const route of ROUTES) route(app, context);
  return app;
}
