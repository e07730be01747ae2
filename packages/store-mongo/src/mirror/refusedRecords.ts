import type { UnreadableRecord } from '@odoo-sync/core';

/** MongoDB refuses these records for what they are: the others of the window are committed without them. */
export class RecordsRefusedError extends Error {
  constructor(readonly records: readonly UnreadableRecord[]) {
    super(records[0]?.reason);
  }
}

const SAID = 300;

export const refusal = (odooId: number, why: string): UnreadableRecord => ({
  odooId,
  reason: `MongoDB doesn't take this record: ${why.slice(0, SAID)}`,
});
