export { maxBackoffMs } from './backoff.js';
export { type ConnectionOptions, openConnection, QueueConfigError } from './connection.js';
export { type CourierOptions, createCourier } from './courier.js';
export { openQueue, TICK, TURNS } from './openQueue.js';
export { parsePayload, type TurnPayload } from './payload.js';
export { startTick, type TickOptions } from './tick.js';
export {
  createTurnWorker,
  type QueueLog,
  type TurnHandle,
  type TurnOutcome,
  type TurnWorker,
  type TurnWorkerOptions,
} from './turnWorker.js';
