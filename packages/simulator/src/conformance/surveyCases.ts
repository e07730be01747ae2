import { describe, expect, test } from '@jest/globals';
import type { Bench } from './workbench.js';

const CONTEXT = { tz: 'UTC', active_test: false };
const INVOICES = [
  'move_type',
  'in',
  ['out_invoice', 'in_invoice', 'out_refund', 'in_refund', 'out_receipt', 'in_receipt'],
] as const;
const MODULES: readonly (readonly [model: string, domain: readonly unknown[]])[] = [
  ['res.partner', []],
  ['sale.order', []],
  ['account.move', [INVOICES]],
  ['hr.employee', []],
];

interface Formatted {
  readonly 'write_date:day': readonly [start: string, label: string];
  readonly __count: number;
  readonly __extra_domain: readonly unknown[];
}

const nextDay = (start: string): string =>
  `${new Date(Date.parse(`${start.slice(0, 10)}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)} 00:00:00`;

export function describeSurvey(bench: Bench): void {
  describe('survey by day', () => {
    const countedByHand = async (model: string, domain: readonly unknown[]): Promise<Map<string, number>> => {
      const rows = await bench().client.call<{ write_date: string }[]>(
        model,
        'search_read',
        [domain, ['write_date']],
        { context: CONTEXT },
      );
      const days = new Map<string, number>();
      for (const { write_date } of rows)
        days.set(write_date.slice(0, 10), (days.get(write_date.slice(0, 10)) ?? 0) + 1);
      return new Map([...days].sort(([left], [right]) => (left < right ? -1 : 1)));
    };

    test.each(MODULES)('formatted_read_group of %s counts what a page holds', async (model, domain) => {
      const groups = await bench().client.call<Formatted[]>(
        model,
        'formatted_read_group',
        [domain, ['write_date:day'], ['__count']],
        { context: CONTEXT },
      );
      const counted = await countedByHand(model, domain);
      expect(groups.map((group) => [group['write_date:day'][0], group.__count])).toEqual(
        [...counted].map(([day, count]) => [`${day} 00:00:00`, count]),
      );
      expect(counted.size).toBeGreaterThan(0);
      for (const group of groups) {
        const start = group['write_date:day'][0];
        expect(group.__extra_domain).toEqual([
          '&',
          ['write_date', '>=', start],
          ['write_date', '<', nextDay(start)],
        ]);
        expect(group['write_date:day'][1]).toMatch(/^\d\d [A-Z][a-z]{2} \d{4}$/);
      }
    });

    test.each(MODULES)('read_group of %s says the same', async (model, domain) => {
      const counted = await countedByHand(model, domain);
      const groups = await bench().client.call<Record<string, unknown>[]>(
        model,
        'read_group',
        [domain, ['__count'], ['write_date:day']],
        { lazy: false, context: CONTEXT },
      );
      const ranges = groups.map(
        (group) => (group.__range as Record<string, { from: string; to: string }>)['write_date:day'],
      );
      expect(groups.map((group, index) => [ranges[index]?.from.slice(0, 10), group.__count])).toEqual([
        ...counted,
      ]);
      for (const range of ranges) expect(range?.to).toBe(nextDay(range?.from ?? ''));
    });

    test('the extra domain of a group finds the records of the group', async () => {
      const [group] = await bench().client.call<Formatted[]>(
        'res.partner',
        'formatted_read_group',
        [[], ['write_date:day'], ['__count']],
        { context: CONTEXT },
      );
      expect(
        await bench().client.call('res.partner', 'search_count', [group?.__extra_domain], {
          context: CONTEXT,
        }),
      ).toBe(group?.__count);
    });

    test('a range of time narrows it', async () => {
      const id = await bench().contact();
      const second = await bench().readField<string>(id, 'write_date');
      const domain = [
        ['id', '=', id],
        ['write_date', '>=', second],
      ];
      const groups = await bench().client.call<Formatted[]>(
        'res.partner',
        'formatted_read_group',
        [domain, ['write_date:day'], ['__count', 'id:max']],
        { context: CONTEXT },
      );
      expect(groups).toEqual([expect.objectContaining({ __count: 1, 'id:max': id })]);
    });

    test('archived records count only when asked for', async () => {
      const id = await bench().contact({ active: false });
      const count = async (context: object): Promise<number> =>
        (
          await bench().client.call<Formatted[]>(
            'res.partner',
            'formatted_read_group',
            [[['id', '=', id]], ['write_date:day'], ['__count']],
            { context },
          )
        ).length;
      expect(await count(CONTEXT)).toBe(1);
      expect(await count({ tz: 'UTC' })).toBe(0);
    });

    test('nothing gives an empty list', async () => {
      const { client } = bench();
      const none = [['id', '<', 0]];
      expect(
        await client.call('res.partner', 'formatted_read_group', [none, ['write_date:day'], ['__count']], {
          context: CONTEXT,
        }),
      ).toEqual([]);
      expect(
        await client.call('res.partner', 'read_group', [none, ['__count'], ['write_date:day']], {
          lazy: false,
          context: CONTEXT,
        }),
      ).toEqual([]);
    });

    test('JSON-2 answers the same', async () => {
      const { client } = bench();
      const answer = await client.json2('hr.employee', 'formatted_read_group', {
        domain: [],
        groupby: ['write_date:day'],
        aggregates: ['__count'],
        context: CONTEXT,
      });
      expect(answer.value).toEqual(
        await client.call('hr.employee', 'formatted_read_group', [[], ['write_date:day'], ['__count']], {
          context: CONTEXT,
        }),
      );
    });
  });
}
