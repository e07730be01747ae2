import { expect, test } from '@jest/globals';
import { heldWindows, passOf, type Turn } from './turns.js';

const turn = (kind: string, from: number, to: number, read: number): Turn => ({
  userKey: 'u',
  module: 'contacts',
  kind,
  takenAt: new Date(from),
  endedAt: new Date(to),
  pages: 1,
  counts: { read, inserted: read, updated: 0 },
});
const TURNS = [
  turn('backfill', 0, 10, 0),
  turn('backfill', 20, 110, 500),
  turn('tail', 115, 120, 0),
  turn('backfill', 130, 220, 300),
];

test('a pass goes from its first lane to its last, whatever lies between', () => {
  expect(passOf(TURNS, 'backfill')).toEqual({
    records: 800,
    windows: 2,
    pages: 2,
    ms: 200,
    recordsPerSecond: 4_000,
  });
});

test('windows with records count from the end of the turn before', () => {
  expect(heldWindows(TURNS)).toEqual({ records: 800, ms: 200 });
});
