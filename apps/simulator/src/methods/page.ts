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
