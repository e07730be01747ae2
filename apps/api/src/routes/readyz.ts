import { z } from 'zod';
import type { Route } from '../context.js';
import { inTime } from '../inTime.js';

const LIMIT_MS = 2_000;
const PART = z.enum(['ok', 'unreachable']);
const READY = z.object({ status: z.literal('ready'), mongodb: z.literal('ok'), redis: z.literal('ok') });
const NOT_READY = z.object({
  error: z.literal('not_ready'),
  message: z.string(),
  mongodb: PART,
  redis: PART,
});

/** `GET /readyz`: whether store and queue answer, and which doesn't. */
export const readyzRoute: Route = (app, { store, connection, log }) => {
  const response = { 200: READY, 503: NOT_READY };
  const ask = (what: string, ping: Promise<void>): Promise<z.infer<typeof PART>> =>
    inTime(LIMIT_MS, what, ping).then(
      () => 'ok' as const,
      (error: unknown) => {
        log.debug({ err: error }, `${what} does not answer`);
        return 'unreachable' as const;
      },
    );
  app.get(
    '/readyz',
    { schema: { summary: 'Whether store and queue answer', response } },
    async (_, reply) => {
      const [mongodb, redis] = await Promise.all([
        ask('MongoDB', store.ping()),
        ask('Redis', connection.ping()),
      ]);
      if (mongodb === 'ok' && redis === 'ok') return { status: 'ready' as const, mongodb, redis };
      const away = [mongodb !== 'ok' && 'MongoDB', redis !== 'ok' && `Redis at ${connection.name}`];
      return reply.code(503).send({
        error: 'not_ready',
        message: `no answer from ${away.filter(Boolean).join(' and ')}: check that it runs and can be reached`,
        mongodb,
        redis,
      });
    },
  );
};
