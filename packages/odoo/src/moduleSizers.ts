import type { ModuleName, PageCeilings } from '@odoo-sync/core';
import { createPageGrowth, createPageSizer, type PageSizer } from './pageSizer.js';

/** Records a page where ids and dates alone are asked for. */
const LIGHT_PAGE = 2_000;
/** The same where all of a module's are: it grows to that. */
const IDS_PAGE = 20_000;

/** The sizes of a module's pages: of whole records, and of ids and dates. */
export type ModuleSizers = Readonly<Record<keyof PageCeilings | 'ids', PageSizer>>;

/**
 * Makes each module's sizers once. Pages of whole records grow in common, since that the server is fast holds for all modules.
 * @param start `LIMIT_PER_CALL` @param most `LIMIT_PER_CALL_MAX`
 */
export function createModuleSizers(start: number, most: number): (module: ModuleName) => ModuleSizers {
  const growth = createPageGrowth(start, most);
  const made = new Map<ModuleName, ModuleSizers>();
  return (module) => {
    const known = made.get(module) ?? {
      full: createPageSizer(growth, most),
      light: createPageSizer(createPageGrowth(LIGHT_PAGE, LIGHT_PAGE), LIGHT_PAGE),
      ids: createPageSizer(createPageGrowth(LIGHT_PAGE, IDS_PAGE), IDS_PAGE),
    };
    made.set(module, known);
    return known;
  };
}
