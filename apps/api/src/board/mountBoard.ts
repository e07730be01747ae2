import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { ApiContext, App } from '../context.js';
import { isAllowed } from './allowedRoutes.js';
import { RefusedError } from './refused.js';
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
      board.addHook('onRequest', async ({ method, routeOptions: { url } }) => {
        if (url !== undefined && !isAllowed(method, url.slice(BASE.length))) throw new RefusedError();
      });
      await board.register(serverAdapter.registerPlugin());
    },
    { prefix: BASE },
  );
}
