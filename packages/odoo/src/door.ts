import { isIP } from 'node:net';
import { SyncError } from '@odoo-sync/core';
import { type AddressKind, isWithin, kindOf, rangeOf } from './addressKind.js';

/** Where Odoos may be: `ODOO_ALLOW`, read. */
export interface Door {
  /** What speaks against a host before anybody has resolved it: an address, or a name that is known. Null for any other name. */
  refusalOf(host: string): SyncError | null;
  /** Those of a name's addresses that may be connected to. @throws SyncError `configuration` where none of them may. */
  among<T extends { readonly address: string }>(host: string, found: readonly T[]): readonly T[];
}

/** By these names a proxy would find what `metadata` means. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

const NAMED: readonly string[] = ['public', 'private', 'loopback', 'link-local'] satisfies AddressKind[];
/** No setting lets them through. */
const NEVER: readonly AddressKind[] = ['metadata', 'reserved'];
const WORDS: Partial<Record<AddressKind, string>> = { metadata: "a cloud's metadata" };
const SHOWN_ADDRESSES = 3;
const SHOWN_LETTERS = 200;

/** @param allow kinds of addresses, ranges, and hosts whose addresses are taken as they come. */
export function createDoor(allow: readonly string[]): Door {
  const ranges = allow.filter((entry) => isIP(entry.split('/')[0] ?? '') > 0).map(rangeOf);
  const lets = (host: string, address: string): boolean => {
    const kind = kindOf(address);
    if (NEVER.includes(kind)) return false;
    return allow.includes(kind) || allow.includes(host) || ranges.some((range) => isWithin(address, range));
  };
  const shown = allow.join(',').slice(0, SHOWN_LETTERS);
  return {
    refusalOf(text) {
      const host = bare(text);
      if (METADATA_NAMES.has(host)) return refusal(`${host} is ${WORDS.metadata}`, [], shown);
      const address = addressIn(host);
      return address === null || lets(host, address)
        ? null
        : refusal(told(host, [address]), [address], shown);
    },
    among(text, found) {
      const host = bare(text);
      const open = found.filter(({ address }) => lets(host, address));
      if (open.length > 0) return open;
      const addresses = found.map(({ address }) => address);
      throw refusal(told(host, addresses), addresses, shown);
    },
  };
}

/**
 * Judges an Odoo's URL as far as it can be without asking anybody: an address in it, or a name that is known.
 * @throws SyncError `configuration` where no Odoo may be there.
 */
export function checkHost(odooUrl: string, allow: readonly string[]): void {
  const refused = createDoor(allow).refusalOf(new URL(odooUrl).hostname);
  if (refused) throw refused;
}

const bare = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, '');

/** No name server is needed for `localhost`: a proxy would go to its own machine. */
function addressIn(host: string): string | null {
  if (isIP(host) > 0) return host;
  return /(?:^|\.)localhost$/.test(host) ? '127.0.0.1' : null;
}

function told(host: string, addresses: readonly string[]): string {
  const kinds = [...new Set(addresses)].slice(0, SHOWN_ADDRESSES).map((address) => {
    const kind = kindOf(address);
    const word = WORDS[kind] ?? kind;
    return address === host ? word : `${address} (${word})`;
  });
  return `${host} is ${kinds.join(', ') || 'no address at all'}`;
}

/** Nothing that answers there is an Odoo to be asked, as with a proxy that lets nothing through: so its breaker opens. */
function refusal(what: string, addresses: readonly string[], shown: string): SyncError {
  const kind = addresses.map(kindOf).find((one) => NAMED.includes(one));
  const text = kind
    ? `expected an address that ODOO_ALLOW (${shown}) lets through for an Odoo, but ${what}: correct the user's URL, or name ${kind}, a range or the host in ODOO_ALLOW`
    : `expected an address where an Odoo can be, but ${what}: correct the user's URL; no setting lets this through`;
  return new SyncError('configuration', text, { unreachable: true });
}
