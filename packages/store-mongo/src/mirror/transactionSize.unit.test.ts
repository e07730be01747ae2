import { describe, expect, test } from '@jest/globals';
import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { isRefusal } from './transactionSize.js';

const fault = (code: number) => new MongoServerError({ message: 'no', code });

describe('a refusal for a transaction’s size', () => {
  test.each([388, 290, 365, 292])('is code %d', (code) => {
    expect(isRefusal(fault(code), 10)).toBe(true);
  });

  test('is told inside of a bulk write too', () => {
    const result = { insertedCount: 0 } as never;
    expect(
      isRefusal(new MongoBulkWriteError({ message: 'too large', code: 388, writeErrors: [] }, result), 10),
    ).toBe(true);
  });

  test('is a transaction that the server ended for its age, not one that went with its primary', () => {
    expect(isRefusal(fault(251), 30_000)).toBe(true);
    expect(isRefusal(fault(251), 500)).toBe(false);
  });

  test('is nothing else', () => {
    expect(isRefusal(fault(112), 30_000)).toBe(false);
    expect(isRefusal(Object.assign(new Error('no'), { code: 388 }), 10)).toBe(false);
  });
});
