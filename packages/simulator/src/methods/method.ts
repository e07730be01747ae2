import type { Bytes } from '../byteRun.js';
import type { SimulatedDatabase } from '../database.js';
import type { Fault } from '../faults.js';
import { fieldsOf, type ModelName } from '../fieldTable.js';
import { errors, OdooError } from '../odooError.js';
import { type JsonWriter, jsonWriterFor } from '../pythonJson.js';
import { mayAccess, mayReadField, type SimulatedUser } from '../users.js';

/** One call of a model's method, its arguments sorted out by name. */
export interface MethodCall {
  readonly database: SimulatedDatabase;
  readonly user: SimulatedUser;
  readonly model: ModelName;
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly now: () => number;
  readonly fault: Fault | undefined;
}

/** The result as JSON text; `undefined` is Python's None, which /jsonrpc leaves out of its answer. */
export interface MethodAnswer {
  readonly json: Bytes | undefined;
  readonly rows: number;
}

export interface Method {
  /** Names of the positional parameters, without the records that a record method is called on. */
  readonly parameters: readonly string[];
  /** Called on records: `ids` come first. */
  readonly onRecords?: boolean;
  readonly run: (call: MethodCall) => MethodAnswer;
}

export function writerOf(call: MethodCall): JsonWriter {
  return jsonWriterFor(call.database.version);
}

export function answer(call: MethodCall, value: unknown, rows = 0): MethodAnswer {
  return { json: writerOf(call)(value), rows };
}

export function mustRead(call: MethodCall): void {
  if (!mayAccess(call.user, call.model, 'read')) throw errors.noModelAccess(call.model, 'access');
}

/** The fields that a read asks for, checked as the server does: unknown ones first, then forbidden ones; none given means all that one may read. */
export function askedFields(call: MethodCall): readonly string[] {
  const { database, model, user } = call;
  const known = fieldsOf(database.version, model);
  const asked = call.parameters.fields;
  if (!Array.isArray(asked) || asked.length === 0) {
    return Object.keys(known).filter((name) => mayReadField(user, model, name, known[name]!.groups));
  }
  for (const name of asked as string[]) {
    const field = known[name];
    if (field === undefined) throw errors.unknownField(database.version, model, name);
    if (!mayReadField(user, model, name, field.groups))
      throw errors.noFieldAccess(database.version, model, name, user.uid);
  }
  return asked as string[];
}

/** A count such as limit or offset; nothing, 0 and false mean none. */
export function countOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || value === 0) return undefined;
  if (value < 0)
    throw new OdooError('psycopg2.errors.InvalidRowCountInLimitClause', 'LIMIT must not be negative\n');
  return value;
}
