import type { SimulatedDatabase } from '../database.js';
import { fieldsOf, type ModelName } from '../fieldTable.js';
import { type RecordRule, seesRecord } from '../users.js';
import { type Condition, checkFields, fieldsIn, parseDomain } from './domain.js';
import { type Test, testOf } from './testOf.js';
import { timeRange } from './timeRange.js';

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
