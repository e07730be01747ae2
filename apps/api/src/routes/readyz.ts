import { askParts, partsOf, silenceOf, wordsOf } from '@odoo-sync/runtime/monitor';
import { z } from 'zod';
import { FAILURES_OF_PROBES } from '../apiError.js';
import type { Route } from '../context.js';

const PART = z.enum(['ok', 'unreachable']);
const READY = z.object({ status: z.literal('ready'), mongodb: z.literal('ok'), redis: z.literal('ok') });
const NOT_READY = z.object({
  error: z.literal('not_ready'),
  message: z.string(),
  mongodb: PART,
  redis: PART,
});

/** `GET /readyz`: whether store and queue answer, and which doesn't. */
export const readyzRoute: Route = (app, services) => {
  const response = { 200: READY, 503: NOT_READY, ...FAILURES_OF_PROBES };
  app.get(
    '/readyz',
    { schema: { summary: 'Whether store and queue answer', security: [], response } },
    async (_, reply) => {
      const states = await askParts(partsOf(services), services.log);
      const message = silenceOf(states);
      if (message === null) return { status: 'ready' as const, mongodb: 'ok' as const, redis: 'ok' as const };
      return reply.code(503).send({ error: 'not_ready', message, ...wordsOf(states) });
    },
  );
};
