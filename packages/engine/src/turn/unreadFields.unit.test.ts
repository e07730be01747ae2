import { expect, test } from '@jest/globals';
import type { SourceRecord } from '@odoo-sync/core';
import { createUnreadFields } from './unreadFields.js';

const record = (...unread: readonly string[]) =>
  ({ odooId: 1, ...(unread.length > 0 ? { unread } : {}) }) as unknown as SourceRecord;

test('says of how many records which fields were not read, the most frequent first', () => {
  const fields = createUnreadFields();
  fields.see({ records: [record(), record('comment')] });
  fields.see({ records: [record('zip', 'comment'), record()] });
  expect(fields.sentence()).toBe(
    "this Odoo gave no value of the field's type in 2 records: comment (2), zip (1); they are null in the mirror and named in _sync.unread",
  );
});

test('says nothing where all were read, and names ten fields at most', () => {
  const none = createUnreadFields();
  none.see({ records: [record(), record()] });
  expect(none.sentence()).toBeNull();
  const many = createUnreadFields();
  many.see({ records: [record(...Array.from({ length: 40 }, (_, n) => `field${n}`))] });
  expect(many.sentence()).toMatch(/in 1 record: field0 \(1\), .*field9 \(1\) and 30 more; /);
});
