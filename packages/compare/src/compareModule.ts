import { isDeepStrictEqual } from 'node:util';
import {
  type FieldList,
  type ModuleName,
  moduleOf,
  rangeStartOf,
  type Source,
  type SourcePage,
  type User,
  untilOrStopped,
} from '@odoo-sync/core';
import type { ComparedStore } from './comparedStore.js';

export interface ModuleComparison {
  readonly module: ModuleName;
  /** Records in the source whose write_date is not before the tiling's start. */
  readonly source: number;
  readonly store: number;
  readonly differences: number;
  /** The first of them, in words. */
  readonly example: string | null;
}

const AHEAD_MS = 2 * 86_400_000;
const LOOKS = 4;
const TAIL_LIMIT_MS = 180_000;
const TAIL_LOOK_MS = 500;

/** Of whom what is compared, until the signal ends it. */
export interface Comparison {
  readonly store: ComparedStore;
  readonly source: Source;
  readonly user: User;
  readonly signal: AbortSignal;
}

/**
 * Reads a module's records from Odoo once more and compares them with the mirror, field by field. People write while it
 * reads: what differs is looked at again after a tail that began later, and only what still differs then is a difference.
 */
export async function compareModule(
  { store, source, user, signal }: Comparison,
  module: ModuleName,
  fields: FieldList,
): Promise<ModuleComparison> {
  const volatile = new Set<string>(moduleOf(module).volatile);
  /** Ids that differ, and how; of these, so many are not there at all. */
  let differing = new Map<number, string>();
  let missing = 0;
  const look = async (pages: AsyncIterable<SourcePage>): Promise<ReadonlySet<number>> => {
    const seen = new Set<number>();
    for await (const { records } of pages) {
      const ids = records.map(({ odooId }) => odooId);
      const stored = await store.readRecords(user, module, ids);
      for (const { odooId, fields: values } of records) {
        seen.add(odooId);
        const document = stored.get(odooId);
        const unequal = Object.entries(values).find(
          ([name, value]) => !volatile.has(name) && !isDeepStrictEqual(plain(value), plain(document?.[name])),
        );
        if (!document) {
          missing++;
          differing.set(odooId, `${module} ${odooId} is missing`);
        } else if (unequal) differing.set(odooId, `${module} ${odooId}: ${unequal[0]} differs`);
      }
    }
    return seen;
  };
  const all = {
    start: rangeStartOf(user) ?? new Date(0),
    end: new Date(source.clock().now.getTime() + AHEAD_MS),
  };
  const found = await look(source.window(module, fields, all, signal));
  const lastId = [...found].reduce((most, id) => Math.max(most, id), 0);
  const held = await store.countRecords(user, module, lastId);
  const extra = Math.max(0, held - (found.size - missing));

  for (let looks = 1; looks < LOOKS && differing.size > 0; looks++) {
    await source.touch(signal);
    await tailAfter(store, user, module, source.clock().now, signal);
    const again = [...differing.keys()];
    const before = differing;
    differing = new Map();
    const there = await look(source.read(module, fields, again, signal));
    for (const id of again)
      if (!there.has(id)) differing.set(id, before.get(id) ?? `${module} ${id} differs`);
  }
  const [example = extra > 0 ? `${module}: a stored record is not in the source` : null] = differing.values();
  return { module, source: found.size, store: held, differences: differing.size + extra, example };
}

/** Waits for a tail of a module that began after a moment of Odoo's clock. */
async function tailAfter(
  store: ComparedStore,
  user: User,
  module: ModuleName,
  moment: Date,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TAIL_LIMIT_MS)]);
  await untilOrStopped(limit, TAIL_LOOK_MS, async () => {
    const lastPass = (await store.syncState(user))?.modules[module].lastPass;
    return lastPass && lastPass > moment ? true : null;
  });
  signal.throwIfAborted();
}

/** Ids of an x2many come in the order of the other model; as a set they are equal. */
function plain(value: unknown): unknown {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
    ? [...value].sort((a, b) => a - b)
    : value;
}
