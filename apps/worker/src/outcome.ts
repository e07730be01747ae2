/** How a turn's job ends; the queue's turn worker knows what each means to BullMQ. */
export type { TurnHandle, TurnOutcome } from '@odoo-sync/queue';
