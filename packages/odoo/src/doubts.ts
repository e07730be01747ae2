import { type ModuleName, SyncError } from '@odoo-sync/core';

/** Modules whose readings are refused although each of their fields is offered. */
export interface Doubts {
  /**
   * A reading was refused so.
   * @returns the error that has the module described again, field by field; null where that was done: then the refusal is over
   * a record.
   */
  raise(module: ModuleName, message: string): SyncError | null;
  /** Whether the module is to be described field by field. */
  has(module: ModuleName): boolean;
  /** The module was described so. */
  clear(module: ModuleName): void;
}

export function createDoubts(): Doubts {
  const stateOf = new Map<ModuleName, 'doubted' | 'cleared'>();
  return {
    raise(module, message) {
      if (stateOf.get(module) === 'cleared') return null;
      stateOf.set(module, 'doubted');
      return new SyncError('fields', message);
    },
    has: (module) => stateOf.has(module),
    clear(module) {
      stateOf.set(module, 'cleared');
    },
  };
}
