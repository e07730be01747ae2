import { type TailNotes, tailIdOf, type UnreadableRecord, type WriteScope } from '@odoo-sync/core';
import { type PreparedModule, schemaOf } from '../module/prepareModule.js';
import { countCommit } from '../turn/countCommit.js';
import type { SourceContext } from '../turn/turnContext.js';
import type { Metered } from '../turn/turnLimits.js';
import { createUnreadFields } from '../turn/unreadFields.js';
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
  const read = await readAndCommit(context, prepared, [...dates.keys()], metered);
  const unreadable = notedUnreadable(known, [...undated, ...read.unreadable], dates, passAt);
  const pass = passOf(found);
  const notes = unreadable === known ? pass.notes : { ...pass.notes, unreadable };
  return { ...pass, changed: read.changed, notes };
}

/** The pass of a module in which nothing was read. */
export const passOf = ({ pages, passAt, wide }: FoundChanges): TailPass => ({
  pages,
  changed: 0,
  overflow: 0,
  notes: { lastPass: passAt, ...(wide ? { lastWide: passAt } : {}) },
});

async function readAndCommit(
  context: SourceContext,
  prepared: PreparedModule,
  odooIds: readonly number[],
  metered: Metered,
): Promise<{ readonly changed: number; readonly unreadable: readonly UnreadableRecord[] }> {
  const { store, source, user, module, lane, metrics, log } = context;
  const schema = await schemaOf(context, prepared);
  const spool = context.openSpool();
  try {
    const unreadable: UnreadableRecord[] = [];
    const unread = createUnreadFields();
    for await (const page of source.read(module, schema.fields, odooIds, metered.signal)) {
      metered.page(page.records.length, page.packed.length);
      metrics.pageRead(module);
      await spool.append(page);
      unreadable.push(...page.unreadable);
      unread.see(page);
    }
    const lost = unread.sentence();
    if (lost) log.warn({}, lost);
    if (spool.records === 0) return { changed: 0, unreadable };
    const scope: WriteScope = { user, lane, module, ...schema, origin: tailIdOf(user.userKey) };
    const { counts, refused } = await countCommit(context, () => store.commitTail(scope, spool));
    return { changed: counts.inserted + counts.updated, unreadable: [...unreadable, ...refused] };
  } finally {
    await spool.close();
  }
}
