import type { SimulatedDatabase } from '../database.js';
import type { Fault, FaultTarget } from '../faults.js';
import type { Reply } from './reply.js';

/** A request answered, with what the log, the `Date` header and the faults of sending need to know. */
export interface Outcome {
  readonly reply: Reply;
  readonly target: FaultTarget;
  readonly database?: SimulatedDatabase | undefined;
  readonly fault?: Fault | undefined;
  readonly rows?: number;
  readonly limit?: unknown;
}
