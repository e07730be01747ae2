import { describe, expect, test } from '@jest/globals';
import { BSON, Long, ObjectId } from 'mongodb';
import { storedRecord } from './storedRecord.js';

const HASH = 'abcdefghijklmnopqrst_-';
const SYNC = { firstSeen: new Date('2026-11-30T06:00:00Z'), hash: HASH, deletedAt: null };

function read(document: object) {
  const _id = new ObjectId();
  const { document: whole, ...read } = storedRecord(BSON.serialize({ _id, ...document }));
  expect(whole()).toEqual(BSON.deserialize(BSON.serialize({ _id, ...document })));
  return read;
}

describe('a stored document', () => {
  test.each([0, 1, 7, 65_536, 2_147_483_647, -1])('of the record %i', (odooId) => {
    expect(read({ odooId, _sync: SYNC })).toEqual({ odooId, hash: HASH });
  });

  test('tells nothing of its hash where it is a tombstone, or not the engine’s yet', () => {
    expect(read({ odooId: 7, _sync: { ...SYNC, deletedAt: new Date() } })).toEqual({ odooId: 7 });
    expect(read({ odooId: 7 })).toEqual({ odooId: 7 });
    expect(read({ odooId: 7, _sync: { firstSeen: SYNC.firstSeen, deletedAt: null } })).toEqual({ odooId: 7 });
  });

  test.each([
    ['a number of 64 bits', { odooId: Long.fromNumber(7), _sync: SYNC }],
    ['a float', { odooId: 7, _sync: { ...SYNC, hash: HASH, extra: 1.5 } }],
    ['fields that could not be read', { odooId: 7, _sync: { ...SYNC, unread: ['comment'] } }],
    ['another order', { _sync: SYNC, odooId: 7 }],
  ])('may hold %s', (_what, document) => {
    expect(read(document)).toEqual({ odooId: 7, hash: HASH });
  });

  test('may have a hash of another length, an _id of another type, or be of the same length by chance', () => {
    expect(read({ odooId: 7, _sync: { ...SYNC, hash: 'short' } }).hash).toBe('short');
    expect(read({ _id: 'an id of a text', odooId: 7, _sync: SYNC })).toEqual({ odooId: 7, hash: HASH });
    expect(read({ odooIx: 7, odooId: 8, _sync: { hash: 'x' } }).hash).toBe('x');
    expect(read({ odooId: 7, _sync: { firstSeex: SYNC.firstSeen, hash: HASH, deletedAt: null } })).toEqual({
      odooId: 7,
      hash: HASH,
    });
    expect(read({ odooIx: 7, _sync: SYNC }).hash).toBe(HASH);
  });
});
