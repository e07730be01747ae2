import { describe, expect, test } from '@jest/globals';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import {
  duplicateOf,
  isDuplicateKey,
  isIndexConflict,
  isIndexUnderAnotherName,
  isNoSuchIndex,
  isNoSuchTransaction,
  isOutOfTime,
  isTooMuchForServer,
  isTransient,
  isUnauthenticated,
  isUnauthorized,
  isUnknownCommit,
  isWriteConflict,
  refusalIn,
} from './mongoErrors.js';

const fault = (code: number, message = 'no') => new MongoServerError({ message, code });

const OF_CODE = {
  isDuplicateKey,
  isIndexConflict,
  isNoSuchIndex,
  isNoSuchTransaction,
  isOutOfTime,
  isTooMuchForServer,
  isUnauthenticated,
  isUnauthorized,
  isWriteConflict,
};

const MEANT: readonly (readonly [keyof typeof OF_CODE, readonly number[]])[] = [
  ['isDuplicateKey', [11_000]],
  ['isIndexConflict', [85, 86]],
  ['isNoSuchIndex', [27]],
  ['isNoSuchTransaction', [251]],
  ['isOutOfTime', [50]],
  ['isTooMuchForServer', [290, 292, 365, 388]],
  ['isUnauthenticated', [18, 8000]],
  ['isUnauthorized', [13]],
  ['isWriteConflict', [112]],
];
const ALL = MEANT.flatMap(([, codes]) => codes);

describe('by a code of the server', () => {
  test.each(MEANT)('%s means %j and no other', (name, codes) => {
    expect(ALL.filter((code) => OF_CODE[name](fault(code)))).toEqual(codes);
  });

  test.each(MEANT)("%s is said of the driver's errors alone", (name, [code]) => {
    expect(OF_CODE[name](Object.assign(new Error('no'), { code }))).toBe(false);
    expect(OF_CODE[name](undefined)).toBe(false);
    expect(OF_CODE[name](new MongoNetworkError('reset'))).toBe(false);
  });
});

describe('an index', () => {
  test('stands under another name when the server says just that', () => {
    const message = 'Index already exists with a different name: user_1';
    expect(isIndexUnderAnotherName(fault(85, message))).toBe(true);
    expect(isIndexUnderAnotherName(fault(85, 'it has other options'))).toBe(false);
    expect(isIndexUnderAnotherName(fault(86, message))).toBe(false);
  });

  test('that is not unique tells what is there twice, when the server does', () => {
    const keyValue = { userId: 'acme', odooId: 7 };
    expect(duplicateOf(new MongoServerError({ message: 'no', code: 11_000, keyValue }))).toEqual(keyValue);
    expect(duplicateOf(fault(11_000))).toEqual({});
  });
});

describe('by a label', () => {
  const labelled = (label: string) =>
    new MongoServerError({ message: 'no', code: 112, errorLabels: [label] });

  test('a transaction may be run again, or nobody knows whether it was committed', () => {
    const again = labelled('TransientTransactionError');
    const unknown = labelled('UnknownTransactionCommitResult');
    expect([again, unknown, fault(112)].map(isTransient)).toEqual([true, false, false]);
    expect([again, unknown, fault(112)].map(isUnknownCommit)).toEqual([false, true, false]);
  });
});

describe('a write that is refused for its document', () => {
  const writeError = (code: number) => ({ index: 4, code, errmsg: `${code} is why` });

  test.each([2, 9, 15, 22, 52, 56, 57, 121, 10_334, 17_419, 17_420])('is told by code %d', (code) => {
    expect(refusalIn(writeError(code))).toBe(`${code} is why`);
  });

  test('and one that failed for another reason is not', () => {
    expect([112, 11_000, 251].map((code) => refusalIn(writeError(code)))).toEqual([null, null, null]);
  });
});
