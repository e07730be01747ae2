import { hasZodFastifySchemaValidationErrors } from '@fastify/type-provider-zod';
import { SyncError } from '@odoo-sync/core';
import { type Logger, redactUrl } from '@odoo-sync/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CODE_OF_KIND, type Code, isApiError, STATUSES } from './apiError.js';
import { describeValidation } from './describeValidation.js';

/** Of a request's body, in bytes: the longest that is taken names four modules and two times. */
export const BODY_LIMIT = 65_536;
const STORE_IS_AWAY =
  /^Mongo(?:Network|ServerSelection|NotConnected|Topology|Pool|WaitQueue|OperationTimeout)/;

/** Of fastify's own errors, those whose texts don't repeat what was asked. */
const FIXED_TEXTS = /^FST_ERR_CTP_(?:INVALID_JSON_BODY|EMPTY_JSON_BODY|INVALID_CONTENT_LENGTH)$/;

/** A text that repeats what was asked is cut before anything looks through it. */
const MOST_TEXT = 2_000;

interface Answer {
  readonly status: number;
  readonly error: Code;
  readonly message: string;
}

/** Makes an answer of anything thrown. A fault nobody foresaw is logged, and the answer says no more than where. */
export const createErrorHandler =
  (log: Logger) =>
  (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, error, message } = answerOf(thrown, request);
    if (status >= 500)
      log.error(
        { err: thrown, request: request.id, url: request.url.slice(0, MOST_TEXT) },
        'a request was not served',
      );
    void reply
      .code(status)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ error, message: redactUrl(message.slice(0, MOST_TEXT)) }));
  };

const under = (error: Code): Omit<Answer, 'message'> => ({ status: STATUSES[error][0], error });

function answerOf(thrown: unknown, request: FastifyRequest): Answer {
  if (isApiError(thrown)) return { status: thrown.statusCode, error: thrown.error, message: thrown.message };
  if (hasZodFastifySchemaValidationErrors(thrown))
    return { ...under('invalid_request'), message: describeValidation(thrown, request) };
  const { name, code, statusCode, message } = (thrown ?? {}) as Partial<
    Error & { readonly code: string; readonly statusCode: number }
  >;
  const ofStore = thrown instanceof SyncError ? CODE_OF_KIND[thrown.kind] : null;
  if (ofStore === 'not_possible') return { ...under(ofStore), message: (thrown as SyncError).message };
  if (ofStore === 'store_unavailable' || (name && STORE_IS_AWAY.test(name)))
    return {
      ...under('store_unavailable'),
      message:
        'MongoDB does not answer, and nothing was changed for sure: ask again; /readyz tells when it is back',
    };
  if (statusCode === 415)
    return {
      status: 415,
      error: 'bad_request',
      message: `expected a body with the header "content-type: application/json", but it says "${request.headers['content-type'] ?? 'nothing'}"`,
    };
  if (statusCode === 413)
    return {
      status: 413,
      error: 'bad_request',
      message: `expected a body of at most ${BODY_LIMIT} bytes, but it is larger`,
    };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const what = FIXED_TEXTS.test(code ?? '') ? message : 'the request can not be read';
    return {
      status: statusCode,
      error: 'bad_request',
      message: `${what}: /docs/json describes what is taken`,
    };
  }
  return {
    ...under('internal'),
    message: `an unexpected fault, logged by the API under the request ${request.id}`,
  };
}
