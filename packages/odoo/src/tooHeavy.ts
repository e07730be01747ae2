import { SyncError } from '@odoo-sync/core';

/**
 * What was asked may have been more than this Odoo, or a proxy before it, gives at once. The same signs come from an Odoo that
 * is away: as long as nobody knows which it is, the error is `unreachable` too.
 */
export class TooHeavyError extends SyncError {}

/** The same of an Odoo that answers when it is asked for little. */
export const answersOtherwise = ({ kind, message }: TooHeavyError): TooHeavyError =>
  new TooHeavyError(kind, message);
