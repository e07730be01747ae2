import {
  type FieldList,
  type FieldSpec,
  type ModuleName,
  moduleOf,
  SyncError,
  wantedFields,
} from '@odoo-sync/core';
import { OdooFault, UNKNOWN_MODEL } from './classify.js';
import { fieldListVersion } from './decode.js';
import { offeredFields } from './offeredFields.js';
import type { Transport } from './transport.js';

const HAS_ACCESS_SINCE = 18;

const NEEDED = ['id', 'write_date'];

/** @throws SyncError `access` where one of the two fields is missing without which nothing can be mirrored. */
export function requireNeeded(fields: readonly FieldSpec[], model: string): void {
  const missing = NEEDED.filter((need) => !fields.some(({ name }) => name === need));
  if (missing.length > 0)
    throw new SyncError('access', `the user may not read ${missing.join(' and ')} of ${model}`);
}

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
    throw new SyncError('access', `the user may not read ${model}: give the user the rights in Odoo`);
  }
  const wanted = wantedFields(module);
  const { value } = await transport.call(
    model,
    'fields_get',
    { allfields: wanted, attributes: ['type'] },
    signal,
  );
  const fields = offeredFields(model, value, wanted)
    .filter(({ type }) => type !== 'binary')
    .map(({ name, type }) => ({ name, type }));
  requireNeeded(fields, model);
  const dropped = wanted.filter((name) => !fields.some((field) => field.name === name));
  return { fields, dropped, version: fieldListVersion(fields) };
}
