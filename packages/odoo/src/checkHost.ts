import { createDoor } from './door.js';

/**
 * Judges an Odoo's URL as far as it can be without asking anybody: an address in it, or a name that is known.
 * @throws SyncError `configuration` where no Odoo may be there.
 */
export function checkHost(odooUrl: string, allow: readonly string[]): void {
  const refused = createDoor(allow).refusalOf(new URL(odooUrl).hostname);
  if (refused) throw refused;
}
