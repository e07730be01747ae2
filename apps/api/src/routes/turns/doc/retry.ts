import { z } from 'zod';
import { ApiError, ERROR } from '../../../apiError.js';
import type { ApiContext, Route } from '../../../context.js';
import { noteOf } from '../../../handOut.js';
import { retryTurn } from '../../../retryTurn.js';

const PARAMS = z.object({
  doc: z.string().min(1).describe('a failed batch or resync, as /users/{id} names it'),
});
const ACCEPTED = z.object({ doc: z.string(), userKey: z.string(), note: z.string().nullable() });

/** `POST /turns/{doc}/retry`: fresh attempts for what has failed. */
export const retryRoute: Route = (app, context) => {
  const response = { 202: ACCEPTED, 404: ERROR, 409: ERROR, 503: ERROR };
  const schema = { summary: 'Try a failed batch or resync again', params: PARAMS, response };
  app.post('/turns/:doc/retry', { schema }, async ({ params: { doc } }, reply) => {
    const retried = await retryTurn(context, doc);
    if (!retried) throw await refusal(context, doc);
    return reply.code(202).send({ doc, userKey: retried.userKey, note: noteOf(retried.handedOut) });
  });
};

async function refusal({ store }: ApiContext, doc: string): Promise<ApiError> {
  const turn = (await store.batch(doc)) ?? (await store.resync(doc));
  if (!turn) {
    return new ApiError(
      404,
      'no_such_turn',
      `expected a batch or resync, but there is none of "${doc}": /users/{id} lists what has failed`,
    );
  }
  return new ApiError(
    409,
    'not_failed',
    `expected something failed, but ${doc} is ${turn.status}: to read it again, POST /users/${turn.userKey}/resync`,
  );
}
