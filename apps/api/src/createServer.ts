import { serializerCompiler, validatorCompiler } from '@fastify/type-provider-zod';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { ApiError } from './apiError.js';
import { mountBoard } from './board/mountBoard.js';
import type { ApiContext, App } from './context.js';
import { createErrorHandler } from './errorHandler.js';
import { createHandOut } from './handOut.js';
import { addOpenApi } from './openApi.js';
import { ROUTES } from './routes/index.js';
import { requireSameSite } from './sameSite.js';
import type { Services } from './services.js';

const BODY_LIMIT = 65_536;
// A doc holds a user's key, which writes one letter of an id in up to nine.
const PARAM_LIMIT = 2_000;
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Bull Board's page would wait for a web font from outside.
  'content-security-policy': "frame-ancestors 'none'; font-src 'self'; style-src 'self' 'unsafe-inline'",
};

/** Builds the HTTP server; the caller listens. */
export async function createServer(services: Services): Promise<App> {
  const { log } = services;
  const app: App = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: PARAM_LIMIT },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(createErrorHandler(log));
  app.setNotFoundHandler(({ method, url }) => {
    throw new ApiError(404, 'no_such_route', `there is no ${method} ${url}: /docs/json lists what there is`);
  });
  app.addHook('onRequest', requireSameSite);
  app.addHook('onRequest', async (_, reply) => {
    reply.headers(HEADERS);
  });
  const context: ApiContext = { ...services, handOut: createHandOut(services, log) };
  await addOpenApi(app);
  mountBoard(app, context);
  for (const route of ROUTES) route(app, context);
  return app;
}
