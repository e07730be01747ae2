import type { ModuleName, ModuleSchema, UserRef } from '@odoo-sync/core';
import { schemaIdOf } from '../collections.js';

/** Each takes some kilobytes. */
const MOST = 1_000;

/** Schemas that this process has read. */
export interface SchemaCache {
  /** The schema of a module, where it is known in this version. */
  get(user: UserRef, module: ModuleName, version: string): ModuleSchema | null;
  put(user: UserRef, module: ModuleName, version: string, schema: ModuleSchema): void;
}

/** Keeps one version for each module of a user, of so many modules: those that were asked for last. */
export function createSchemaCache(most = MOST): SchemaCache {
  const kept = new Map<string, { life: string; version: string; schema: ModuleSchema }>();
  const put: SchemaCache['put'] = ({ userKey, life }, module, version, schema) => {
    const id = schemaIdOf(userKey, module);
    kept.delete(id);
    kept.set(id, { life, version, schema });
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
  };
  return {
    get(user, module, version) {
      const found = kept.get(schemaIdOf(user.userKey, module));
      if (found?.life !== user.life || found.version !== version) return null;
      put(user, module, version, found.schema);
      return found.schema;
    },
    put,
  };
}
