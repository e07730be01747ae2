import type { SimulatedDatabase } from '../database.js';
import { fieldsOf, type ModelName } from '../fieldTable.js';
import type { PoolRender } from '../generate/fragments.js';
import { parseBytes } from '../pythonJson.js';
import type { RecordRule } from '../users.js';
import { seesRecord } from '../users.js';
import { type Condition, checkFields, fieldsIn, parseDomain } from './domain.js';
import { matchTerm } from './matchTerm.js';
import { type TimeRange, timeRange } from './timeRange.js';

type Test = (id: number) => boolean;

/** A domain made ready: the ranges that an index can serve, and a test for the rest. */
interface Plan {
  from: number;
  to: number;
  lowest: number;
  highest: number;
  only: readonly number[] | undefined;
  readonly tests: Test[];
}

export interface Search {
  readonly domain: unknown;
  readonly activeTest: boolean;
  readonly rule: RecordRule | undefined;
  /** Stop after so many, which only an id-ascending caller may ask. */
  readonly most?: number;
}

/** Ids that match, ascending. Throws what Odoo raises for a domain it can't read. */
export function findIds(database: SimulatedDatabase, model: ModelName, search: Search): readonly number[] {
  const table = database.table(model);
  const condition = parseDomain(search.domain);
  const fields = fieldsOf(database.version, model);
  checkFields(condition, model, database.version, (field) => fields[field] !== undefined);
  const plan: Plan = {
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    lowest: 1,
    highest: table.nextId - 1,
    only: undefined,
    tests: [],
  };
  narrow(plan, condition, database, model);
  const { rule } = search;
  if (rule !== undefined) plan.tests.push((id) => seesRecord(rule, id));
  if (search.activeTest && fields.active !== undefined && !fieldsIn(condition).includes('active'))
    plan.tests.push((id) => !table.archived(id));

  const most = search.most ?? Number.POSITIVE_INFINITY;
  const found: number[] = [];
  const timed = plan.from !== Number.NEGATIVE_INFINITY || plan.to !== Number.POSITIVE_INFINITY;
  const take = (id: number): void => {
    const written = table.writtenAt(id);
    if (written < 0 || written < plan.from || written >= plan.to) return;
    for (const test of plan.tests) if (!test(id)) return;
    found.push(id);
  };
  if (plan.only !== undefined) {
    for (const id of plan.only) {
      if (found.length >= most) break;
      if (id >= plan.lowest && id <= plan.highest) take(id);
    }
    return found;
  }
  // Few in the window: take them from the index. Many: walking along the ids meets them soon enough.
  if (timed && table.index.atMost(plan.from, plan.to) * 20 < plan.highest - plan.lowest) {
    const candidates = windowIds(database, model, plan.from, plan.to);
    for (
      let i = firstAtLeast(candidates, plan.lowest);
      i < candidates.length && found.length < most;
      i += 1
    ) {
      if (candidates[i]! > plan.highest) break;
      take(candidates[i]!);
    }
    return found;
  }
  for (let id = plan.lowest; id <= plan.highest && found.length < most; id += 1) take(id);
  return found;
}

const windows = new WeakMap<object, { changes: number; readonly byRange: Map<string, Uint32Array> }>();

/** The sorted ids of a time range, kept until something is committed: the pages of one window ask for the same range. */
function windowIds(database: SimulatedDatabase, model: ModelName, from: number, to: number): Uint32Array {
  const table = database.table(model);
  let kept = windows.get(table);
  if (kept === undefined || kept.changes !== table.changes || kept.byRange.size > 64) {
    kept = { changes: table.changes, byRange: new Map() };
    windows.set(table, kept);
  }
  const key = `${from} ${to}`;
  let ids = kept.byRange.get(key);
  if (ids === undefined) {
    ids = table.index.idsBetween(from, to, table.writtenAt);
    kept.byRange.set(key, ids);
  }
  return ids;
}

function firstAtLeast(ids: Uint32Array, id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function narrow(plan: Plan, condition: Condition, database: SimulatedDatabase, model: ModelName): void {
  if (condition.kind === 'all') {
    for (const part of condition.of) narrow(plan, part, database, model);
    return;
  }
  if (condition.kind === 'term') {
    if (condition.field === 'write_date') {
      const range = timeRange(condition.operator, condition.value, database.version);
      if (range !== undefined) {
        plan.from = Math.max(plan.from, range[0]);
        plan.to = Math.min(plan.to, range[1]);
        return;
      }
    } else if (condition.field === 'id' && narrowIds(plan, condition.operator, condition.value)) return;
  }
  plan.tests.push(testOf(condition, database, model));
}

function narrowIds(plan: Plan, operator: string, value: unknown): boolean {
  if (operator === 'in' && Array.isArray(value)) {
    const ids = [...new Set(value.filter((id): id is number => typeof id === 'number'))].sort(
      (a, b) => a - b,
    );
    plan.only = plan.only === undefined ? ids : plan.only.filter((id) => ids.includes(id));
    return true;
  }
  if (typeof value !== 'number') return false;
  if (operator === '>') plan.lowest = Math.max(plan.lowest, Math.floor(value) + 1);
  else if (operator === '>=') plan.lowest = Math.max(plan.lowest, Math.ceil(value));
  else if (operator === '<') plan.highest = Math.min(plan.highest, Math.ceil(value) - 1);
  else if (operator === '<=') plan.highest = Math.min(plan.highest, Math.floor(value));
  else if (operator === '=') plan.only = [value];
  else return false;
  return true;
}

function testOf(condition: Condition, database: SimulatedDatabase, model: ModelName): Test {
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
