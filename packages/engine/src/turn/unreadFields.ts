import type { SourcePage } from '@odoo-sync/core';

/** A list that is longer helps nobody. */
const NAMED = 10;

export interface UnreadFields {
  /** Looks at a page's records. */
  see(page: Pick<SourcePage, 'records'>): void;
  /** A sentence for whoever looks after this Odoo; null where every value was read. */
  sentence(): string | null;
}

/** Counts the values of a turn that Odoo didn't give, or that aren't of their field's type. */
export function createUnreadFields(): UnreadFields {
  const times = new Map<string, number>();
  let records = 0;
  return {
    see({ records: read }) {
      for (const { unread = [] } of read) {
        if (unread.length > 0) records++;
        for (const name of unread) times.set(name, (times.get(name) ?? 0) + 1);
      }
    },
    sentence() {
      if (records === 0) return null;
      const most = [...times].sort(([, a], [, b]) => b - a);
      const named = most.slice(0, NAMED).map(([name, count]) => `${name} (${count})`);
      const more = most.length > NAMED ? ` and ${most.length - NAMED} more` : '';
      return `this Odoo gave no value of the field's type in ${records} ${records === 1 ? 'record' : 'records'}: ${named.join(', ')}${more}; they are null in the mirror and named in _sync.unread`;
    },
  };
}
