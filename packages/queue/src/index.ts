export { type ConnectionOptions, openConnection, type QueueConnection } from './connection.js';
export * from './errors.js';
export { createJobQueue, type JobQueueOptions } from './jobQueue.js';
export { PayloadError, parsePayload, type TurnPayload } from './payload.js';
export { type QueueFigures, queueFigures } from './queueFigures.js';
export {
  openQueue,
  type QueueCounts,
  type QueueName,
  queueCounts,
  TICK_QUEUE,
  TURNS_QUEUE,
} from './queues.js';
export type { QueueRole } from './redisClient.js';
export { startTick, type Tick, type TickOptions } from './tick.js';
export { createTurnWorker, type TurnWorker, type TurnWorkerOptions } from './turnWorker.js';
