import type { QueueFigures } from '@odoo-sync/queue';

/** How much there is to do right now, for whoever sets the number of workers. */
export interface Scale {
  /** Turns that run, and those that a worker would take at once. */
  readonly turns: number;
  readonly waiting: number;
  readonly running: number;
  /** Put off, and their time has come. */
  readonly due: number;
}

export const scaleOf = ({ waiting, active, due }: QueueFigures): Scale => ({
  turns: waiting + active + due,
  waiting,
  running: active,
  due,
});
