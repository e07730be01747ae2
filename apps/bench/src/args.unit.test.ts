import { describe, expect, test } from '@jest/globals';
import { readArgs } from './args.js';

const KNOWN = ['engine', 'memory', 'tick'];

describe('the command line', () => {
  test('means every row where it names none', () => {
    expect(readArgs([], KNOWN)).toEqual({ rows: KNOWN, quick: false, profile: false });
  });
  test('names rows in any order; they run in theirs', () => {
    expect(readArgs(['tick', '--quick', 'engine'], KNOWN)).toMatchObject({
      rows: ['engine', 'tick'],
      quick: true,
    });
  });
  test('that names an unknown row is refused with those there are', () => {
    expect(() => readArgs(['speed'], KNOWN)).toThrow('no row speed; there are: engine, memory, tick');
  });
});
