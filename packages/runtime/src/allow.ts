import { isIP } from 'node:net';
import { z } from 'zod';
import type { Kind } from './kinds.js';

/** What a fleet outside of production may ask: every kind of address there is. */
export const EVERYWHERE: readonly string[] = ['public', 'private', 'loopback', 'link-local'];

/** `ODOO_ALLOW`. Nothing is null: what it means then is said by `NODE_ENV`. */
export const allow: Kind<readonly string[] | null> = {
  expected: `some of ${EVERYWHERE.join(', ')}, ranges such as 10.2.0.0/16, and hosts such as erp.internal.example.com, with commas between`,
  schema: z
    .string()
    .transform((value) =>
      value === ''
        ? null
        : value
            .toLowerCase()
            .split(',')
            .map((entry) => entry.trim()),
    )
    .refine((entries) => entries === null || entries.every(isEntry)),
};

const isEntry = (entry: string): boolean => EVERYWHERE.includes(entry) || isRange(entry) || isHost(entry);

function isRange(entry: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const most = { 4: 32, 6: 128 }[isIP(address)];
  return most !== undefined && !address.includes('%') && Number(bits ?? most) <= most;
}

/** With a dot in it: a kind that is misspelt is no host. With a letter in its last part: a mangled address is none either. */
const isHost = (entry: string): boolean =>
  entry.length <= 253 && /^(?:[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.)+[a-z][a-z\d-]*$/.test(entry);
