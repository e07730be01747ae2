import { isModuleName, MODULE_NAMES, type ModuleName, SyncError } from '@odoo-sync/core';

/** What a flag `--modules` says; all of them where it is left out. @throws SyncError `invalid` for a name that is none. */
export function modulesOf(names: string | undefined): readonly ModuleName[] {
  if (names === undefined) return MODULE_NAMES;
  return names.split(',').map((name) => {
    if (isModuleName(name)) return name;
    throw new SyncError(
      'invalid',
      `--modules: expected some of ${MODULE_NAMES.join(',')}, but got "${name}"`,
    );
  });
}
