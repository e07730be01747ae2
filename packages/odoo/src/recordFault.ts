import { SyncError } from '@odoo-sync/core';
import type { OdooFault } from './classify.js';

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
