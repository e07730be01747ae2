import { describe, expect, test } from '@jest/globals';
import { median, quantile } from './median.js';

describe('the median', () => {
  test('is the middle one, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });
  test('is the mean of the two in the middle', () => {
    expect(median([1, 2, 10, 4])).toBe(3);
  });
  test('of nothing is refused', () => {
    expect(() => median([])).toThrow('no values');
  });
});

test('a quantile lies between the values around it', () => {
  const values = Array.from({ length: 101 }, (_, n) => n);
  expect(quantile(values, 0.95)).toBe(95);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([7], 0.95)).toBe(7);
});
