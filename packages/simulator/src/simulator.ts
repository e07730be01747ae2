import type { SimulatedClock } from './clock.js';
import type { SimulatedDatabase } from './database.js';
import type { DatabaseSpec } from './databaseSpec.js';
import type { Editor, EditorOptions } from './editor.js';
import type { FaultPlan } from './faults.js';
import type { RequestLog } from './requestLog.js';

/** A running simulator: an Odoo whose data, clock and faults are in the caller's hands. */
export interface Simulator {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  readonly url: string;
  readonly clock: SimulatedClock;
  readonly databases: ReadonlyMap<string, SimulatedDatabase>;
  readonly faults: FaultPlan;
  readonly log: RequestLog;
  readonly editor: Editor | undefined;
  addDatabase(spec: DatabaseSpec): SimulatedDatabase;
  removeDatabase(name: string): void;
  /** A database by name; throws when there is none. */
  db(name: string): SimulatedDatabase;
  /** A second address of the same simulator that claims another version where no database is named. */
  listenAs(version: number, port?: number): Promise<string>;
  /** Refuses every connection, as a server that is down, until `up`; the ports stay the same. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Begins editing (ends an earlier editor). */
  startEditor(options: EditorOptions): Editor;
  stopEditor(): void;
  close(): Promise<void>;
}
