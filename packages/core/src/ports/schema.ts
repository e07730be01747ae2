import type { UserRef } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { Lane } from './lane.js';
import type { FieldList } from './source.js';
import type { ModuleState } from './syncState.js';

/** What is read of one module of one user. It is large and hardly ever changes: the sync state only says which one it is. */
export interface ModuleSchema {
  readonly fields: FieldList;
  /** Fields mirrored once and no longer: unset when a record is rewritten. */
  readonly retired: readonly string[];
}

/** The schemas of modules, asked for when something is to be read in full. */
export interface SchemaStore {
  /**
   * A module's schema as it stands; null until it was described, and when that life has ended.
   *
   * @param version as the sync state tells it: a process that has read this one before needn't ask for it again, nor whether
   *   that life goes on.
   */
  schema(user: UserRef, module: ModuleName, version?: string | null): Promise<ModuleSchema | null>;
  /**
   * Writes the schema of a lane's module, its version into the module's state, and what else was learned with it: all of it or
   * nothing, under the lane's fence.
   * @throws FencedOutError when the lane's token was raised.
   */
  noteSchema(lane: Lane, schema: ModuleSchema, patch: Partial<Omit<ModuleState, 'schema'>>): Promise<void>;
}
