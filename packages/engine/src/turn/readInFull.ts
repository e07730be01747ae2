import type { ModuleSchema, UnreadableRecord, WriteScope } from '@odoo-sync/core';
import { countCommit } from './countCommit.js';
import type { SourceContext } from './turnContext.js';
import type { Metered } from './turnLimits.js';
import { createUnreadFields } from './unreadFields.js';

/** What came of records that were asked for by their ids. */
export interface ReadInFull {
  /** New to the mirror, or changed there. */
  readonly written: number;
  readonly unreadable: readonly UnreadableRecord[];
  /** Asked for, and not there any more. */
  readonly vanished: ReadonlySet<number>;
}

/**
 * Reads records in full by their ids, which rise, and commits those that differ, under the lane. They are held together until then: the
 * caller bounds their number.
 */
export async function readInFull(
  context: SourceContext,
  { schema, metered }: { readonly schema: ModuleSchema; readonly metered: Metered },
  odooIds: readonly number[],
): Promise<ReadInFull> {
  const { store, source, user, module, lane, turn, metrics, log } = context;
  const vanished = new Set(odooIds);
  const unreadable: UnreadableRecord[] = [];
  const unread = createUnreadFields();
  const spool = context.openSpool();
  try {
    for await (const page of source.read(module, schema.fields, odooIds, metered.signal)) {
      metered.page(page.records.length, page.packed.length);
      metrics.pageRead(module);
      await spool.append(page);
      unreadable.push(...page.unreadable);
      for (const { odooId } of [...page.records, ...page.unreadable]) vanished.delete(odooId);
      unread.see(page);
    }
    const lost = unread.sentence();
    if (lost) log.warn({}, lost);
    if (spool.records === 0) return { written: 0, unreadable, vanished };
    const scope: WriteScope = { user, lane, module, ...schema, origin: turn.turnId };
    const { counts, refused } = await countCommit(context, () => store.commitTail(scope, spool));
    const written = counts.inserted + counts.updated;
    return { written, unreadable: [...unreadable, ...refused], vanished };
  } finally {
    await spool.close();
  }
}
