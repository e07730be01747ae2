import { serializerCompiler, validatorCompiler } from '@fastify/type-provider-zod';
import { HTTP_LIMITS, type HttpLimits, MOST_URL, serverOptions } from '@odoo-sync/runtime';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { demandToken } from './accessToken.js';
import { serverRefusal } from './apiError.js';
import { boardRefusal, wouldChangeBoard } from './board/allowedRoutes.js';
import { mountBoard } from './board/mountBoard.js';
import type { ApiContext, App, Services } from './context.js';
import { BODY_LIMIT, createErrorHandler } from './errorHandler.js';
import { createHandOut } from './handOut.js';
import { addOpenApi } from './openApi.js';
import { ROUTES } from './routes/index.js';
import { rememberRoutes } from './routeTable.js';
import { requireLoopbackHost, requireOwnPage } from './sameSite.js';

/** The key of 200 characters of four bytes, with what a batch adds to it. */
const PARAM_LIMIT = 2_500;
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Of what is no page; the two pages have their own.
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

const URL_SHOWN = 200;
const short = (url: string): string => (url.length > URL_SHOWN ? `${url.slice(0, URL_SHOWN)}...` : url);

/**
 * Builds the HTTP server; the caller listens.
 * @param token that every request must show; null for a server that this machine alone can reach.
 * @param limits for clients: the usual ones unless told.
 */
export async function createServer(
  services: Services,
  token: string | null,
  limits: HttpLimits = HTTP_LIMITS,
): Promise<App> {
  const { log } = services;
  const onError = createErrorHandler(log);
  const app: App = fastify({
    ...serverOptions(limits),
    frameworkErrors: onError,
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: PARAM_LIMIT },
  });
  app.server.maxConnections = limits.connections;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(onError);
  const methodsOf = rememberRoutes(app);
  app.setNotFoundHandler(({ method, url }, reply) => {
    if (wouldChangeBoard(method, url)) throw boardRefusal();
    const methods = methodsOf(url).join(', ');
    if (methods !== '') {
      reply.header('allow', methods);
      throw serverRefusal('wrong_method', `expected ${methods} for ${short(url)}, but it is ${method}`);
    }
    throw serverRefusal(
      'no_such_route',
      `there is no ${method} ${short(url)}: /docs/json lists what there is`,
    );
  });
  app.addHook('onRequest', async ({ url }, reply) => {
    reply.headers(HEADERS);
    if (url.length > MOST_URL)
      throw serverRefusal(
        'bad_request',
        `expected a URL of at most ${MOST_URL} characters, but it is longer`,
        414,
      );
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
