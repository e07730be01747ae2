import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Where an address leads. `metadata`: to what a cloud tells its machines, their credentials among it. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'link-local' | 'metadata' | 'reserved';

/** By the library's names of ranges; all others are reserved. */
const KINDS: Readonly<Record<string, AddressKind>> = {
  unicast: 'public',
  private: 'private',
  carrierGradeNat: 'private',
  uniqueLocal: 'private',
  loopback: 'loopback',
  // The kernel connects 0.0.0.0 and :: to this machine itself.
  unspecified: 'loopback',
  linkLocal: 'link-local',
};

const METADATA = [
  '169.254.169.254/32', // AWS, Azure, Google and most others
  '169.254.170.0/24', // credentials of containers on AWS
  'fd00:ec2::/32', // both of these over IPv6
  '100.100.100.200/32', // Alibaba
  '168.63.129.16/32', // Azure's platform, a public address by its look
  'fd20:ce::254/128', // Google over IPv6
].map(rangeOf);

const GLOBAL = rangeOf('2000::/3');
const NAT64 = rangeOf('64:ff9b::/96');
const SIX_TO_FOUR = rangeOf('2002::/16');

export type Range = readonly [Address, number];

/** @param text an address, or a range such as `10.2.0.0/16`. */
export function rangeOf(text: string): Range {
  const [base = '', bits] = text.split('/');
  const address = parsed(base);
  return [address, Number(bits ?? address.toByteArray().length * 8)];
}

export function kindOf(text: string): AddressKind {
  const address = endOf(text);
  if (METADATA.some((range) => isIn(address, range))) return 'metadata';
  const kind = KINDS[address.range()] ?? 'reserved';
  // To the library all that nobody has given out yet is unicast.
  const known = kind !== 'public' || address instanceof ipaddr.IPv4 || isIn(address, GLOBAL);
  return known ? kind : 'reserved';
}

export const isWithin = (text: string, range: Range): boolean => isIn(endOf(text), range);

const isIn = (address: Address, [base, bits]: Range): boolean =>
  address.kind() === base.kind() && address.match(base, bits);

/** Where what is sent to an address ends: an IPv6 address may be one of IPv4 in another dress. */
function endOf(text: string): Address {
  const address = parsed(text);
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (isIn(address, NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  if (isIn(address, SIX_TO_FOUR)) return new ipaddr.IPv4(bytes.slice(2, 6));
  return address;
}

/** The library takes `::10.0.0.7` for `::ffff:10.0.0.7`: in hexadecimal digits alone nothing can be taken for another. */
function parsed(text: string): Address {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text);
  const [withoutZone = ''] = text.split('%');
  return ipaddr.IPv6.parse(new URL(`http://[${withoutZone}]`).hostname.slice(1, -1));
}
