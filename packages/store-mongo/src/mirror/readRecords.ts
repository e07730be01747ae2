import { type ModuleName, moduleOf, type User } from '@odoo-sync/core';
import type { MirrorDocument } from '../collections.js';
import type { StoreContext } from '../context.js';

/** Documents of a user by Odoo's ids, tombstones left out: for comparisons with the source. */
export async function readRecords(
  context: StoreContext,
  user: User,
  module: ModuleName,
  odooIds: readonly number[],
): Promise<ReadonlyMap<number, MirrorDocument>> {
  const mirror = context.mirror(moduleOf(module).collection);
  const found = await mirror
    .find({ userId: user.userId, odooId: { $in: [...odooIds] }, '_sync.deletedAt': null })
    .toArray();
  return new Map(found.map((document) => [document.odooId, document]));
}

/** A document of the mirror that was inserted or updated. */
export interface MirrorChange {
  readonly userId: unknown;
  readonly module: ModuleName;
  readonly odooId: number;
  readonly kind: 'new' | 'changed';
  readonly name: unknown;
  readonly writeDate: unknown;
}

/** Changes of the mirror as they are committed, from now on, until the signal ends it. */
export async function* watchMirror(
  context: StoreContext,
  modules: readonly ModuleName[],
  signal: AbortSignal,
): AsyncGenerator<MirrorChange> {
  const moduleOfCollection = new Map(modules.map((module) => [moduleOf(module).collection, module]));
  const stream = context.db.watch(
    [
      {
        $match: {
          operationType: { $in: ['insert', 'update'] },
          'ns.coll': { $in: [...moduleOfCollection.keys()] },
        },
      },
    ],
    { fullDocument: 'updateLookup' },
  );
  const close = () => void stream.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    for await (const event of stream) {
      if (event.operationType !== 'insert' && event.operationType !== 'update') continue;
      const document = event.fullDocument as MirrorDocument | undefined;
      const module = moduleOfCollection.get(event.ns.coll);
      if (!document || !module) continue;
      const kind = event.operationType === 'insert' ? 'new' : 'changed';
      const { userId, odooId, display_name, name, write_date } = document;
      yield { userId, module, odooId, kind, name: display_name ?? name, writeDate: write_date };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', close);
    await stream.close();
  }
}
