import { expect, test } from '@jest/globals';
import { createBurstLog } from './burstLog.js';

test('a burst of one kind is one line, and the next burst tells how many there were', () => {
  const lines: object[] = [];
  let now = 0;
  const report = createBurstLog(
    { info() {}, warn: (fields, message) => lines.push({ ...fields, message }) },
    () => now,
  );
  for (let job = 0; job < 5; job++) report('fault', new Error(`could not renew lock for job acme-${job}`));
  report('fault', new Error('connection is closed'));
  expect(lines).toHaveLength(2);
  now = 30_000;
  report('fault', new Error('could not renew lock for job acme-9'));
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatchObject({ message: 'fault', unlogged: 4 });
});
