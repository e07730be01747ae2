import type { ModuleName, PassCounts, SourceRecord, UserRef, WriteScope } from '@odoo-sync/core';

interface Mirrored {
  readonly life: string;
  readonly writeDate: Date;
  readonly hash: string;
  /** A tombstone. */
  readonly deleted?: true;
}

export const NO_COUNTS: PassCounts = { read: 0, inserted: 0, updated: 0, unchanged: 0 };

/** The mirrored records of all users in memory. */
export class MemoryMirror {
  readonly #records = new Map<string, Map<number, Mirrored>>();

  of({ userKey }: Pick<UserRef, 'userKey'>, module: ModuleName): Map<number, Mirrored> {
    const key = `${userKey}/${module}`;
    const known = this.#records.get(key) ?? new Map<number, Mirrored>();
    this.#records.set(key, known);
    return known;
  }

  /** A purge: of records that carry no life, so that it must not come late. */
  drop({ userKey }: UserRef): void {
    for (const [key, records] of this.#records) if (key.startsWith(`${userKey}/`)) records.clear();
  }

  /** What it would change to write these records. */
  countsOf({ user, module }: WriteScope, records: readonly SourceRecord[]): PassCounts {
    const mirrored = this.of(user, module);
    const known = records.flatMap(({ odooId, hash }) => {
      const before = mirrored.get(odooId);
      return before ? [before.hash === hash && !before.deleted] : [];
    });
    const unchanged = known.filter((same) => same).length;
    const read = records.length;
    return { read, inserted: read - known.length, updated: known.length - unchanged, unchanged };
  }

  /** Makes a record a tombstone. @returns whether it was alive. */
  bury(user: UserRef, module: ModuleName, odooId: number): boolean {
    const mirrored = this.of(user, module);
    const before = mirrored.get(odooId);
    if (!before || before.deleted) return false;
    mirrored.set(odooId, { ...before, deleted: true });
    return true;
  }

  /** @returns what it changed. */
  put(scope: WriteScope, records: readonly SourceRecord[]): PassCounts {
    const counts = this.countsOf(scope, records);
    const { user, module } = scope;
    for (const { odooId, writeDate, hash } of records)
      this.of(user, module).set(odooId, { life: user.life, writeDate, hash });
    return counts;
  }
}
