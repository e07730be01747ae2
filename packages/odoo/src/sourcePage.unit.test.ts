import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { createDecoder } from './decode.js';
import { sourcePage } from './sourcePage.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const fields = {
  fields: [
    { name: 'id', type: 'integer' },
    { name: 'name', type: 'char' },
    { name: 'write_date', type: 'datetime' },
  ],
  dropped: [],
  version: '1',
};

/** What a spool keeps of a page, and whether its records are still there. */
async function kept() {
  const rows = [{ id: 1, name: 'Acme', write_date: '2026-03-01 10:00:00' }];
  const page = { rows, records: null, date: null, ms: 1, lastId: 1, partial: new Map(), unreadable: [] };
  const body = Buffer.from(JSON.stringify(rows));
  const made = await sourcePage({ ...page, body }, { read: null, decode: createDecoder(fields, []) });
  const record = made.records[0];
  if (!record) throw new Error('the page holds no record');
  return { unpack: made.unpack, record: new WeakRef(record), body: new WeakRef(body) };
}

test('what unpacks a page keeps neither its records nor its bytes: a spool has one for each page of a window', async () => {
  const { unpack, record, body } = await kept();
  // A WeakRef holds until the end of the turn of the event loop in which it was made.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(record.deref()).toBeUndefined();
  expect(body.deref()).toBeUndefined();
  const again = unpack(Buffer.from('[{"id": 1, "name": "Acme", "write_date": "2026-03-01 10:00:00"}]'));
  expect(again).toMatchObject([{ odooId: 1, fields: { name: 'Acme' } }]);
});
