import type { TailNotes } from '@odoo-sync/core';
import { schemaOf } from '../module/prepareModule.js';
import { readInFull } from '../turn/readInFull.js';
import type { SourceContext } from '../turn/turnContext.js';
import type { Metered } from '../turn/turnLimits.js';
import type { FoundChanges } from './findChanges.js';
import { notedUnreadable } from './leftAlone.js';

export interface TailPass {
  readonly pages: number;
  readonly changed: number;
  /** Windows left to be read again, because too much in them differed. */
  readonly overflow: number;
  /** For the end of the tail. */
  readonly notes: TailNotes;
}

/**
 * The second half of a tail's pass over a module, under its lane: reads in full what was found, and commits it. Past `tailMax` it
 * writes nothing and leaves the windows to turns of their own, which spool.
 */
export async function takeChanges(
  context: SourceContext,
  metered: Metered,
  found: FoundChanges,
): Promise<TailPass> {
  const { store, settings, user, module } = context;
  const { prepared, passAt, dates, windows, mirroredFrom, undated } = found;
  const known = context.state.modules[module].unreadable;
  if (dates.size > settings.tailMax) {
    await store.makeWindowsDue(
      user,
      module,
      windows.filter((start) => start >= mirroredFrom),
    );
    return { ...passOf(found), overflow: windows.length };
  }
  if (dates.size + undated.length === 0) return passOf(found);
  const schema = await schemaOf(context, prepared);
  const read = await readInFull(context, { schema, metered }, [...dates.keys()]);
  const unreadable = notedUnreadable(known, [...undated, ...read.unreadable], dates, passAt);
  const pass = passOf(found);
  const notes = unreadable === known ? pass.notes : { ...pass.notes, unreadable };
  return { ...pass, changed: read.written, notes };
}

/** The pass of a module in which nothing was read. */
export const passOf = ({ pages, passAt, wide }: FoundChanges): TailPass => ({
  pages,
  changed: 0,
  overflow: 0,
  notes: { lastPass: passAt, ...(wide ? { lastWide: passAt } : {}) },
});
