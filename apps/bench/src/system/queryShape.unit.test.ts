import { describe, expect, test } from '@jest/globals';
import { type ProfiledOp, shapeOf } from './queryShape.js';

const op = (more: Partial<ProfiledOp>): ProfiledOp => ({
  op: 'query',
  ns: 'odoo_sync.odoosyncbatches',
  millis: 0,
  ...more,
});

describe('the shape of a query', () => {
  test('names what it filters and sorts by, and none of the values', () => {
    const find = { find: 'odoosyncbatches', filter: { userKey: 'acme', status: 'open' }, sort: { dueAt: 1 } };
    expect(shapeOf(op({ command: find }))).toBe('find odoosyncbatches {userKey,status} sort {dueAt}');
    expect(shapeOf(op({ op: 'getmore', originatingCommand: find }))).toContain('{userKey,status}');
  });
  test('is the same for every module', () => {
    const taking = (module: string) =>
      shapeOf(op({ op: 'update', command: { q: { _id: 'a', [`lanes.${module}.token`]: 1 }, multi: false } }));
    expect(taking('contacts')).toBe('update odoosyncbatches {_id,lanes.*.token}');
    expect(taking('invoices')).toBe(taking('contacts'));
  });
  test('tells one update of one document from one of many', () => {
    const update = (multi: boolean) => shapeOf(op({ op: 'update', command: { q: { source: 's' }, multi } }));
    expect(update(true)).toBe('updateMany odoosyncbatches {source}');
    expect(update(false)).toBe('update odoosyncbatches {source}');
  });
  test('tells documents without a field from those with it', () => {
    const counting = (release: object) =>
      shapeOf(op({ command: { find: 'odoosyncbatches', filter: { release } } }));
    expect(counting({ $exists: true })).toBe('find odoosyncbatches {release}');
    expect(counting({ $exists: false })).toBe('find odoosyncbatches {!release}');
  });
  test('looks into alternatives and pipelines', () => {
    const pipeline = [
      { $match: { $or: [{ a: 1 }, { b: 2 }] } },
      { $lookup: {} },
      { $lookup: {} },
      { $group: {} },
    ];
    expect(shapeOf(op({ op: 'command', command: { aggregate: 'odoosyncbatches', pipeline } }))).toBe(
      'aggregate odoosyncbatches $match {$or[{a}|{b}]} $lookup $group',
    );
  });
});
