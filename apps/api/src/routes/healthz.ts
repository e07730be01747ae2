import { z } from 'zod';
import { FAILURES_OF_PROBES } from '../apiError.js';
import type { Route } from '../context.js';

/** `GET /healthz`: this process answers. Says nothing of Redis and MongoDB, whose outage no restart would mend. */
export const healthzRoute: Route = (app) => {
  const response = { 200: z.object({ status: z.literal('ok') }), ...FAILURES_OF_PROBES };
  app.get(
    '/healthz',
    { schema: { summary: 'Whether the process answers', security: [], response } },
    async () => ({ status: 'ok' as const }),
  );
};
