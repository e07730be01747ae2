import { type ModuleName, moduleOf, SyncError } from '@odoo-sync/core';
import { isReadingFault } from './classify.js';
import { isReadable } from './describe.js';
import { offeredFields } from './offeredFields.js';
import { RecordFault } from './recordFault.js';
import type { Transport } from './transport.js';

/**
 * A refusal of a reading says little: one forbidden field fails the page as a forbidden model does, and an unknown one
 * shows as an error of Python's. So Odoo is asked again what may be read, and the answer decides.
 */
export async function explainRefusal(
  transport: Transport,
  major: number,
  module: ModuleName,
  fields: readonly string[],
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isReadingFault(error)) return error;
  const { model } = moduleOf(module);
  if (!(await isReadable(transport, major, model, signal))) return new SyncError('access', error.message);
  const { value } = await transport.call(
    model,
    'fields_get',
    { allfields: fields, attributes: ['type'] },
    signal,
  );
  const offered = offeredFields(model, value, fields);
  const gone = fields.filter((name) => !offered.some((field) => field.name === name));
  if (gone.length > 0)
    return new SyncError('fields', `${model} doesn't offer ${gone.join(', ')} any more: ${error.message}`);
  return new RecordFault(error);
}
