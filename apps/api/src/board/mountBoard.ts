import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { ApiContext, App } from '../context.js';
import { boardRefusal, isAllowed } from './allowedRoutes.js';
import { BOARD_POLICY, ownPage } from './ownPage.js';
import { TurnsAdapter } from './turnsAdapter.js';

const BASE = '/queues';

/** Bull Board under `/queues`: the turns, to be looked at and retried, and the ticks, to be looked at. */
export function mountBoard(app: App, context: ApiContext): void {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(BASE);
  const tick = new BullMQAdapter(context.tick, { readOnlyMode: true, description: 'The tick of the fleet' });
  createBullBoard({
    queues: [new TurnsAdapter(context), tick],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'odoo-sync',
        hideDocsLink: true,
        miscLinks: [{ text: 'Dashboard', url: '/dashboard' }],
      },
    },
  });
  void app.register(
    async (board) => {
      // The route that the router has found, and not the URL: that can be spelled in many ways.
      board.addHook('onRequest', async ({ method, routeOptions: { url } }, reply) => {
        if (url === undefined || isAllowed(method, url.slice(BASE.length))) return;
        // Thrown, it would be called an internal server error: Bull Board's routes have an error handler of their own.
        const { statusCode, error, message } = boardRefusal();
        return reply.code(statusCode).send({ error, message });
      });
      board.addHook('onSend', async (_, reply, payload) => {
        reply.header('content-security-policy', BOARD_POLICY);
        const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
        return isPage && typeof payload === 'string' ? ownPage(payload) : payload;
      });
      await board.register(serverAdapter.registerPlugin());
    },
    { prefix: BASE },
  );
}
