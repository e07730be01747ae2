import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Bench, secondsAfter } from './workbench.js';

export function describeWriteDates(bench: Bench): void {
  describe('write_date', () => {
    let id = 0;
    let second = '';
    beforeAll(async () => {
      id = await bench().contact();
      second = await bench().readField<string>(id, 'write_date');
    });
    const matches = async (operator: string, value: unknown): Promise<boolean> =>
      (
        await bench().found([
          ['id', '=', id],
          ['write_date', operator, value],
        ])
      ).length === 1;

    test.each([
      ['>=', 0, true],
      ['<', 0, false],
      ['>', 0, false],
      ['<=', 0, true],
      ['=', 0, true],
      ['!=', 0, false],
      ['>=', 1, false],
      ['<', 1, true],
      ['>', -1, true],
      ['<=', -1, false],
      ['=', 1, false],
      ['>', 1, false],
    ])('operator %s at the second %i after the record: %s', async (operator, shift, expected) => {
      expect(await matches(operator, secondsAfter(second, shift))).toBe(expected);
    });

    test('in and not in work on whole seconds', async () => {
      expect(await matches('in', [second])).toBe(true);
      expect(await matches('in', [secondsAfter(second, 1), second])).toBe(true);
      expect(await matches('not in', [second])).toBe(false);
      expect(await matches('not in', [secondsAfter(second, 5)])).toBe(true);
    });

    test('a T, a missing second and a fraction are understood', async () => {
      expect(await matches('>=', second.replace(' ', 'T'))).toBe(true);
      expect(await matches('>=', second.slice(0, 16))).toBe(true);
      expect(await matches('>=', `${second}.000001`)).toBe(true);
      expect(await matches('>=', `${second}.999999`)).toBe(true);
    });

    test('windows of whole seconds partition: every record is in exactly one', async () => {
      const borders = [-2, -1, 0, 1, 2].map((shift) => secondsAfter(second, shift));
      const hits = await Promise.all(
        borders.slice(0, -1).map((start, index) =>
          bench().found([
            ['id', '=', id],
            ['write_date', '>=', start],
            ['write_date', '<', borders[index + 1]],
          ]),
        ),
      );
      expect(hits.map((ids) => ids.length)).toEqual([0, 0, 1, 0]);
    });

    test('records of one transaction share it', async () => {
      const { client, prefix } = bench();
      const ids = await client.call<number[]>('res.partner', 'create', [
        [1, 2, 3].map((number) => ({ name: `${prefix} batch ${number}` })),
      ]);
      const rows = await client.call<{ write_date: string; create_date: string }[]>('res.partner', 'read', [
        ids,
        ['write_date', 'create_date'],
      ]);
      expect(new Set(rows.flatMap((row) => [row.write_date, row.create_date])).size).toBe(1);
    });

    test('writing the same value, or archiving, moves it; what a client gives is ignored', async () => {
      const { client, contact, readField } = bench();
      const other = await contact({ ref: 'same', write_date: '2001-01-01 00:00:00' });
      const moved = async (change: () => Promise<unknown>): Promise<void> => {
        const before = await readField<string>(other, 'write_date');
        // The text is cut to seconds: ask again until the clock has left the second of the last write.
        for (let now = before; now === before; now = await readField<string>(other, 'write_date'))
          await change();
        expect((await readField<string>(other, 'write_date')) > before).toBe(true);
      };
      expect((await readField<string>(other, 'write_date')) > '2020').toBe(true);
      await moved(() => client.call('res.partner', 'write', [[other], { ref: 'same' }]));
      await moved(() => client.call('res.partner', 'write', [[other], {}]));
      await moved(() => client.call('res.partner', 'write', [[other], { active: false }]));
      await moved(() =>
        client.call('res.partner', 'write', [[other], { write_date: '2001-01-01 00:00:00' }]),
      );
    });

    test('create_date does not follow', async () => {
      const created = await bench().readField<string>(id, 'create_date');
      await bench().client.call('res.partner', 'write', [[id], { ref: 'later' }]);
      expect(await bench().readField<string>(id, 'create_date')).toBe(created);
      second = await bench().readField<string>(id, 'write_date');
    });
  });
}
