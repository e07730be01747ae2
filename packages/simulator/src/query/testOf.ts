import type { SimulatedDatabase } from '../database.js';
import type { ModelName } from '../fieldTable.js';
import type { PoolRender } from '../generate/fragments.js';
import { parseBytes } from '../pythonJson.js';
import type { Condition } from './domain.js';
import { matchTerm } from './matchTerm.js';
import { type TimeRange, timeRange } from './timeRange.js';

export type Test = (id: number) => boolean;

/** The test of a condition on one record, by its id. */
export function testOf(condition: Condition, database: SimulatedDatabase, model: ModelName): Test {
  switch (condition.kind) {
    case 'constant':
      return () => condition.holds;
    case 'not': {
      const test = testOf(condition.of, database, model);
      return (id) => !test(id);
    }
    case 'all':
    case 'any': {
      const tests = condition.of.map((part) => testOf(part, database, model));
      return condition.kind === 'all'
        ? (id) => tests.every((test) => test(id))
        : (id) => tests.some((test) => test(id));
    }
    case 'term':
      return termTest(condition.field, condition.operator, condition.value, database, model);
  }
}

function termTest(
  field: string,
  operator: string,
  value: unknown,
  database: SimulatedDatabase,
  model: ModelName,
): Test {
  const table = database.table(model);
  if (field === 'write_date' || field === 'create_date') {
    const inside = datetimeTest(operator, value, database.version);
    if (field === 'write_date') return (id) => inside(table.writtenAt(id));
    return (id) => inside(table.createdSecond(id) * 1_000_000 + 500_000);
  }
  const match = matchTerm(field, operator, value, database.version);
  if (field === 'id') return match;
  if (field === 'active') return (id) => match(!table.archived(id));
  const writer = database.writer(model);
  const render: PoolRender = writer.render(field);
  if (render.pool !== undefined && render.at !== undefined) {
    // A pool's values are tested once each; a record then costs a lookup. This is what makes `move_type in […]` cheap.
    const answers = render.pool.map(match);
    const at = render.at;
    return (id) =>
      table.blank(id) || table.values(id) !== undefined
        ? match(parseBytes(writer.value(id, field, 0)))
        : answers[at(writer.rowOf(id))]!;
  }
  return (id) => match(parseBytes(writer.value(id, field, 0)));
}

function datetimeTest(operator: string, value: unknown, version: number): Test {
  const single = (one: unknown): TimeRange => timeRange('=', one, version)!;
  const within =
    (ranges: readonly TimeRange[]): Test =>
    (at) =>
      ranges.some(([from, to]) => at >= from && at < to);
  if (operator === 'in' || operator === 'not in') {
    const test = within((Array.isArray(value) ? value : [value]).map(single));
    return operator === 'in' ? test : (at) => !test(at);
  }
  if (operator === '!=') {
    const test = value === false ? () => false : within([single(value)]);
    return (at) => !test(at);
  }
  const range = timeRange(operator, value, version);
  return range === undefined ? () => false : within([range]);
}
