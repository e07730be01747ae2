import type { Bytes } from '../byteRun.js';
import type { Fault } from '../faults.js';
import { OdooError } from '../odooError.js';
import { parseBytes, toBytes } from '../pythonJson.js';
import type { MethodCall } from './method.js';

/** The page of these records, bent as an armed fault says. */
export function writePage(call: MethodCall, ids: readonly number[], fields: readonly string[]): Bytes {
  const { fault } = call;
  if (fault?.kind === 'rowError') refuse(fault, ids, fields);
  const bareIds = call.parameters.load === null;
  const page = call.database.writer(call.model).page(ids, fields, call.now(), bareIds);
  if (fault?.kind === 'oddRows') return withValues(page, fault);
  return fault?.kind === 'tamper' ? tamper(page, fault.how) : page;
}

function refuse(
  fault: Extract<Fault, { kind: 'rowError' }>,
  ids: readonly number[],
  fields: readonly string[],
): void {
  if (fault.fields !== undefined && !fault.fields.some((field) => fields.includes(field))) return;
  if (!fault.ids.some((id) => ids.includes(id))) return;
  throw new OdooError(fault.name ?? 'builtins.ZeroDivisionError', fault.message ?? 'float division by zero');
}

type Rows = Record<string, unknown>[];

const TRICKS: Readonly<Record<Extract<Fault, { kind: 'tamper' }>['how'], (rows: Rows) => Rows>> = {
  unsorted: (rows) => [...rows].reverse(),
  duplicate: (rows) => [...rows.slice(0, 1), ...rows],
  withoutWriteDate: (rows) => rows.map(({ write_date: _, ...row }) => row),
  withoutId: (rows) => rows.map(({ id: _, ...row }) => row),
  outsideWindow: (rows) =>
    rows.map((row, index) => (index === 0 ? { ...row, write_date: '1999-12-31 23:59:59' } : row)),
  belowLastId: (rows) => rows.map((row, index) => (index === 0 ? { ...row, id: 0 } : row)),
  tooMany: (rows) => rows,
};

function tamper(page: Bytes, how: keyof typeof TRICKS): string {
  return toBytes(JSON.stringify(TRICKS[how](parseBytes(page) as Rows)));
}

function withValues(page: Bytes, { ids, set }: Extract<Fault, { kind: 'oddRows' }>): string {
  const rows = (parseBytes(page) as Rows).map((row) => {
    if (ids && !ids.includes(row.id as number)) return JSON.stringify(row);
    const texts = Object.entries(row).map(([name, value]) => [name, JSON.stringify(value)] as const);
    const entries = [...new Map([...texts, ...Object.entries(set)])];
    return `{${entries.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(', ')}}`;
  });
  return toBytes(`[${rows.join(', ')}]`);
}
