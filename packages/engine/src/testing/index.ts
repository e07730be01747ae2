export { Actors, settled } from './actors.js';
export type { Contracted, OpenContracted, ResyncRange } from './contract/contracted.js';
export {
  type ContractedQueue,
  describeQueueContract,
  type OpenQueue,
} from './contract/describeQueueContract.js';
export { describeStoreContract } from './contract/describeStoreContract.js';
export { TAIL_END } from './contract/fixtures.js';
export { MemoryLanes } from './memoryLanes.js';
export { MemoryLedger, NOBODY } from './memoryLedger.js';
export { MemoryMirror } from './memoryMirror.js';
export { MemoryQueue } from './memoryQueue.js';
export { memoryStore } from './memoryStore.js';
export { World } from './world.js';
