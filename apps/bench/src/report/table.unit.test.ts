import { describe, expect, test } from '@jest/globals';
import { isMet, type RowResult } from './rowResult.js';
import { renderBench } from './table.js';

const machine = {
  cpu: 'Some CPU',
  cores: 2,
  memoryGb: 8,
  node: '20.19.0',
  mongod: '6.0.5',
  redis: 'Redis 7.0.15',
};
const result = (row: string, more: Partial<RowResult> = {}): RowResult => ({
  row,
  figures: {},
  how: `How ${row} goes.`,
  notes: '',
  at: '2026-01-02T03:04:05.678Z',
  seconds: 12.4,
  machine,
  ...more,
});

describe('the table', () => {
  test('has a line for each figure, with its goal and whether it is met', () => {
    const text = renderBench([
      result('engine', {
        figures: {
          one: { name: 'one lane', value: 0.804, unit: '×', goal: { least: 0.75 }, from: '8 / 10' },
          peak: { name: 'peak', value: 312.4, unit: 'MB', goal: { most: 300 }, from: '' },
          plain: { name: 'windows', value: 12345.6, unit: 'windows/s', from: '' },
        },
      }),
    ]);
    expect(text).toContain('| `engine` | one lane | **0.80** | ≥ 0.75 | yes | 8 / 10 |');
    expect(text).toContain('| `engine` | peak | **312** MB | ≤ 300 MB | **no** |  |');
    expect(text).toContain('| `engine` | windows | **12,346** windows/s |  |  |  |');
    expect(text).toContain('**`npm run bench -- engine`** (2026-01-02 03:04 UTC, 12 s.) How engine goes.');
    expect(text).toContain('Measured on Some CPU, 2 cores, 8 GB');
  });
  test('names what was skipped and why', () => {
    expect(renderBench([result('real-odoo', { skipped: 'set ODOO_TEST_URL' })])).toContain(
      '| `real-odoo` | skipped | | | | set ODOO_TEST_URL |',
    );
  });
  test('says which rows were measured on another machine', () => {
    const text = renderBench([result('a'), result('b', { machine: { ...machine, cores: 8 } })]);
    expect(text).toContain('`a`: Measured on Some CPU, 2 cores');
    expect(text).toContain('`b`: Measured on Some CPU, 8 cores');
  });
});

test('a goal is met at its very value', () => {
  expect(isMet({ value: 300, goal: { most: 300 } })).toBe(true);
  expect(isMet({ value: 0.749, goal: { least: 0.75 } })).toBe(false);
  expect(isMet({ value: 1 })).toBeUndefined();
});
