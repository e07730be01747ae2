import { Counter, type Registry } from 'prom-client';

/** Workers and schedulers hand out turns by the same function, and count them under the same name. */
export const releasedTurns = (registry: Registry): Counter =>
  new Counter({
    name: 'odoo_sync_released_turns_total',
    help: 'Turns that this process handed out.',
    registers: [registry],
  });
