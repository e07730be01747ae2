import type { PageCeiling } from '@odoo-sync/core';

const FAST_MS = 1_000;
const GROWTH = 1.5;
const FIRST_PATIENCE = 20;
const MOST_PATIENCE = 1_280;

/** Finds the page size that suits a server. */
export interface PageGrowth {
  size(): number;
  /** A page came: larger ones are asked for while they come full and fast. */
  took(rows: number, ms: number): void;
}

export function createPageGrowth(start: number, most: number): PageGrowth {
  let size = Math.min(start, most);
  return {
    size: () => size,
    took(rows, ms) {
      if (rows >= size && ms < FAST_MS) size = Math.min(most, Math.ceil(size * GROWTH));
    },
  };
}

/** The size of one module's pages: as far as they have grown, and never above what proved too heavy. */
export interface PageSizer extends PageGrowth {
  /** A page of so many rows proved too heavy. @returns whether a smaller one can be asked for. */
  tooHeavy(asked: number): boolean;
  /** What is known of too heavy pages; null where none was met, or larger ones come through again. */
  ceiling(): PageCeiling | null;
  /** What another session has found out. */
  know(ceiling: PageCeiling | null): void;
}

/**
 * none: pages are as large as they have grown. One that is too heavy leads to `held`, at half of it.
 * held: pages have at most `rows` records. A page too heavy again halves that; `patience` full ones lead to `trying`.
 * trying: half as much more is asked for. A page so full raises `rows`, and at the most that there may be leads to `none`; one
 *   too heavy leads back to `held`, with twice the patience: each such try may cost as long as a request may take.
 *
 * Where a single record is too heavy, it is no page's fault: all is as it was told at first.
 */
const isSame = (one: PageCeiling | null, other: PageCeiling | null): boolean =>
  one?.rows === other?.rows && one?.patience === other?.patience;

export function createPageSizer(growth: PageGrowth, most: number): PageSizer {
  let told: PageCeiling | null = null;
  let ceiling: PageCeiling | null = null;
  let full = 0;
  const hold = (next: PageCeiling | null) => {
    ceiling = next;
    full = 0;
  };
  const allowed = ({ rows, patience }: PageCeiling): number =>
    full < patience ? rows : Math.min(most, Math.ceil(rows * GROWTH));
  return {
    size: () => (ceiling ? Math.min(growth.size(), allowed(ceiling)) : growth.size()),
    took(rows, ms) {
      growth.took(rows, ms);
      if (!ceiling) return;
      if (rows > ceiling.rows) hold(rows >= most ? null : { rows, patience: FIRST_PATIENCE });
      else if (rows === ceiling.rows) full++;
    },
    tooHeavy(asked) {
      if (asked <= 1) {
        hold(told);
        return false;
      }
      if (ceiling && asked > ceiling.rows)
        hold({ ...ceiling, patience: Math.min(MOST_PATIENCE, ceiling.patience * 2) });
      else hold({ rows: Math.floor(asked / 2), patience: ceiling?.patience ?? FIRST_PATIENCE });
      return true;
    },
    ceiling: () => ceiling,
    know(next) {
      // The ledger as it was: what was found out since is newer.
      if (isSame(next, told)) return;
      told = next;
      if (!isSame(next, ceiling)) hold(next);
    },
  };
}
