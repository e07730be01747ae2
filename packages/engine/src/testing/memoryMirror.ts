import type { ModuleName, PassCounts, SourceRecord, UserRef, WriteScope } from '@odoo-sync/core';

interface Mirrored {
  readonly life: string;
  readonly writeDate: Date;
  readonly hash: string;
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

  put({ user, module }: WriteScope, records: readonly SourceRecord[]): PassCounts {
    const mirrored = this.of(user, module);
    let { read, inserted, updated, unchanged } = NO_COUNTS;
    for (const { odooId, writeDate, hash } of records) {
      const before = mirrored.get(odooId);
      read++;
      if (!before) inserted++;
      else if (before.hash === hash) unchanged++;
      else updated++;
      mirrored.set(odooId, { life: user.life, writeDate, hash });
    }
    return { read, inserted, updated, unchanged };
  }
}
