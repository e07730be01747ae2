import { createHash, timingSafeEqual } from 'node:crypto';
import basicAuth from '@fastify/basic-auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ApiError, serverRefusal } from './apiError.js';
import type { App } from './context.js';

const BEARER = /^bearer +(\S+)$/i;

/**
 * Lets in whoever shows the token: programs as a bearer, people as the password that their browser asks for and then sends
 * by itself. Open are the routes that the OpenAPI document shows as open, by an empty `security`, and no others: not even a
 * path that isn't there is told to strangers.
 * @param refuse makes the answer. A refusal that was thrown would be put in Bull Board's words under its paths.
 */
export async function demandToken(
  app: App,
  token: string,
  refuse: (refusal: ApiError, request: FastifyRequest, reply: FastifyReply) => void,
): Promise<void> {
  const isToken = comparerTo(token);
  await app.register(basicAuth, {
    authenticate: { realm: 'odoo-sync' },
    validate: (_user, password, _request, _reply, done) =>
      done(isToken(password) ? undefined : new Error('another password')),
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { authorization } = request.headers;
    const [, bearer = ''] = BEARER.exec(authorization ?? '') ?? [];
    if (request.routeOptions.schema?.security?.length === 0 || isToken(bearer)) return done();
    app.basicAuth(request, reply, (fault) =>
      fault ? refuse(refusalOf(authorization), request, reply) : done(),
    );
  });
}

/** Takes as long for any text, whatever it has in common with the token: digests are of one length and tell nothing. */
function comparerTo(token: string): (text: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (text) => timingSafeEqual(digest(text), expected);
}

const refusalOf = (authorization: string | undefined): ApiError =>
  serverRefusal(
    'no_access',
    `expected the access token as "Authorization: Bearer TOKEN", or as the password of basic authentication with any user name, but ${
      authorization === undefined ? 'none came' : 'what came (not shown) is not it'
    }: send what the API's setting API_TOKEN holds`,
  );
