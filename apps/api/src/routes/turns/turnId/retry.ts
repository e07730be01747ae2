import { z } from 'zod';
import { type ApiError, failuresOfChange, type Refuse } from '../../../apiError.js';
import type { ApiContext, Route } from '../../../context.js';
import { noteOf } from '../../../handOut.js';
import { retryTurn } from '../../../retryTurn.js';
import { DOC } from '../../../views.js';

const PARAMS = z.object({
  turnId: z.string().min(1).describe('a failed batch or resync, as /users/{id} names it'),
});
const ACCEPTED = z.object({ turnId: z.string(), doc: DOC, userKey: z.string(), note: z.string().nullable() });

/** `POST /turns/{turnId}/retry`: fresh attempts for what has failed. */
export const retryRoute: Route = (app, context) => {
  const { response: failures, refuse } = failuresOfChange('no_such_turn', 'not_failed');
  const response = { 202: ACCEPTED, ...failures };
  const schema = { summary: 'Try a failed batch or resync again', params: PARAMS, response };
  app.post('/turns/:turnId/retry', { schema }, async ({ params: { turnId } }, reply) => {
    const retried = await retryTurn(context, turnId);
    if (!retried) throw await refusal(context, turnId, refuse);
    return reply
      .code(202)
      .send({ turnId, doc: turnId, userKey: retried.userKey, note: noteOf(retried.handedOut) });
  });
};

async function refusal(
  { store }: ApiContext,
  turnId: string,
  refuse: Refuse<'no_such_turn' | 'not_failed'>,
): Promise<ApiError> {
  const turn = (await store.batch(turnId)) ?? (await store.resync(turnId));
  if (!turn) {
    return refuse(
      'no_such_turn',
      `expected a batch or resync, but there is none of "${turnId}": /users/{id} lists what has failed`,
    );
  }
  return refuse(
    'not_failed',
    `expected something failed, but ${turnId} is ${turn.status}: to read it again, POST /users/${turn.userKey}/resync`,
  );
}
