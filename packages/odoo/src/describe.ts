import {
  type FieldList,
  type FieldSpec,
  type ModuleName,
  moduleOf,
  SyncError,
  wantedFields,
} from '@odoo-sync/core';
import { z } from 'zod';
import { isReadingFault, OdooFault, UNKNOWN_MODEL } from './classify.js';
import { fieldListVersion } from './decode.js';
import type { Transport } from './transport.js';

const offered = z.record(z.string(), z.object({ type: z.string() }));
const HAS_ACCESS_SINCE = 18;
const NEEDED = ['id', 'write_date'];

/** Whether the model can be read at all. @throws SyncError `access` with the reason when the model isn't there. */
export async function isReadable(
  transport: Transport,
  major: number,
  model: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { value } =
      major >= HAS_ACCESS_SINCE
        ? await transport.call(model, 'has_access', { operation: 'read' }, signal, [])
        : await transport.call(
            model,
            'check_access_rights',
            { operation: 'read', raise_exception: false },
            signal,
          );
    if (typeof value !== 'boolean')
      throw new SyncError(
        'transient',
        `expected true or false for the access to ${model}, got something else`,
      );
    return value;
  } catch (error) {
    if (error instanceof OdooFault && UNKNOWN_MODEL.includes(error.exception)) {
      throw new SyncError('access', `this Odoo has no model ${model}: its app is not installed`);
    }
    throw error;
  }
}

/** The wanted fields of a module that this server offers this user. */
export async function describe(
  transport: Transport,
  major: number,
  module: ModuleName,
  signal: AbortSignal,
): Promise<FieldList> {
  const { model } = moduleOf(module);
  if (!(await isReadable(transport, major, model, signal))) {
    throw new SyncError('access', `the user may not read ${model}: give him the rights in Odoo`);
  }
  const wanted = wantedFields(module);
  const { value } = await transport.call(
    model,
    'fields_get',
    { allfields: wanted, attributes: ['type'] },
    signal,
  );
  const read = offered.safeParse(value);
  if (!read.success) throw new SyncError('transient', `Odoo's answer to fields_get of ${model} is broken`);
  const has = read.data;
  const fields = wanted.flatMap((name) => {
    const type = has[name]?.type;
    return type === undefined || type === 'binary' ? [] : [{ name, type }];
  });
  const missing = NEEDED.filter((name) => !has[name]);
  if (missing.length > 0)
    throw new SyncError('access', `the user may not read ${missing.join(' and ')} of ${model}`);
  const dropped = wanted.filter((name) => !fields.some((field) => field.name === name));
  return { fields, dropped, version: fieldListVersion(fields) };
}

/**
 * Of the fields that `fields_get` offers, those that a reading takes, found by halving: `hr.employee` refuses a user
 * outside HR some that it offers him, and a computed field may read a model that he may not, or raise for every record.
 */
export async function readableFields(
  list: FieldList,
  read: (names: readonly string[]) => Promise<unknown>,
): Promise<FieldList> {
  const readable = async (fields: readonly FieldSpec[]): Promise<readonly FieldSpec[]> => {
    try {
      await read(fields.map(({ name }) => name));
      return fields;
    } catch (error) {
      if (!isReadingFault(error)) throw error;
      if (fields.length === 1) return [];
      const half = Math.ceil(fields.length / 2);
      return [...(await readable(fields.slice(0, half))), ...(await readable(fields.slice(half)))];
    }
  };
  const fields = await readable(list.fields);
  const refused = list.fields.map(({ name }) => name).filter((name) => !fields.some((f) => f.name === name));
  const missing = NEEDED.filter((name) => refused.includes(name));
  if (missing.length > 0) throw new SyncError('access', `the user may not read ${missing.join(' and ')}`);
  return { fields, dropped: [...list.dropped, ...refused], version: fieldListVersion(fields) };
}
