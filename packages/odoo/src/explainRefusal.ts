import { type ModuleName, moduleOf, SyncError } from '@odoo-sync/core';
import { isReadingFault, type OdooFault } from './classify.js';
import { isReadable } from './describe.js';
import { offeredFields } from './offeredFields.js';
import type { Transport } from './transport.js';

/**
 * Odoo fails over a reading though model and fields are there to be read: so it fails over a record, such as one whose
 * computed field raises, or that links to one which the user may not see.
 */
export class RecordFault extends SyncError {
  readonly exception: string;
  constructor(fault: OdooFault) {
    super('odoo', fault.message);
    this.exception = fault.exception;
  }
}

/** What was asked when the refusal came. */
export interface Refused {
  readonly transport: Transport;
  /** Odoo's version. */
  readonly major: number;
  readonly module: ModuleName;
  readonly fields: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * A refusal of a reading says little: one forbidden field fails the page as a forbidden model does, and an unknown one
 * shows as an error of Python's. So Odoo is asked again what may be read, and the answer decides.
 * @returns the error that it is; what isn't a refusal comes back as it is.
 */
export async function explainRefusal(
  error: unknown,
  { transport, major, module, fields, signal }: Refused,
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
