declare const clock: unique symbol;

/**
 * A time by Odoo's clock, as windows, seals and tails need it: `write_date` and the `Date` of Odoo's answers. It can neither be
 * assigned to, nor compared with, a time by the store's clock.
 */
export type OdooTime = Date & { readonly [clock]: 'odoo' };

/** A time by the store's clock: by it leases expire, backoffs end and turns are released, whatever the processes' clocks say. */
export type StoreTime = Date & { readonly [clock]: 'store' };

/** A time that is known to be Odoo's: read off an answer, a `write_date`, or a window's bound. */
export const odooTime = (at: Date | number): OdooTime => new Date(at) as OdooTime;

/** A time that is known to be the store's: read off it. */
export const storeTime = (at: Date | number): StoreTime => new Date(at) as StoreTime;

/** A time so many milliseconds later, by the same clock. */
export const later = <T extends Date>(at: T, ms: number): T => new Date(at.getTime() + ms) as T;

/** Odoo's clock minus the store's, as a user's sync state knows it. */
interface KnownSkew {
  readonly skewMs: number;
}

/** The one way from the store's clock to Odoo's. */
export const toOdooTime = (at: StoreTime, { skewMs }: KnownSkew): OdooTime => odooTime(at.getTime() + skewMs);

/** The one way back. */
export const toStoreTime = (at: OdooTime, { skewMs }: KnownSkew): StoreTime =>
  storeTime(at.getTime() - skewMs);
