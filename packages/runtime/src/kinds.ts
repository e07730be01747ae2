import { isIP } from 'node:net';
import type { RangeDays } from '@odoo-sync/core';
import { z } from 'zod';

/** What a setting's text may be: how it is read, and how that is said to a person. */
export interface Kind<T> {
  readonly expected: string;
  readonly schema: z.ZodType<T, string>;
}

export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    expected: min === max ? `${min}` : `a whole number from ${min} to ${max}`,
    schema: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .pipe(z.number().min(min).max(max)),
  };
}

const RANGE_MOST = 36_500;

/** `INITIAL_SYNC_RANGE_DAYS`, and a user's own range. */
export const rangeDays: Kind<RangeDays> = {
  expected: `a whole number from 1 to ${RANGE_MOST}, or all`,
  schema: z
    .string()
    .regex(/^(?:all|\d{1,15})$/)
    .transform((days) => (days === 'all' ? days : Number(days)))
    .refine((days) => days === 'all' || (days >= 1 && days <= RANGE_MOST)),
};

/** `API_CALL_DELAY_MS`, and a user's own. */
export const callDelay = wholeNumber(0, 600_000);

/** A user's language; `ODOO_LANG` may be empty too. */
export const language: Kind<string> = text('a locale such as en_US', /^[a-z]{2,3}(?:_[A-Z]{2})?(?:@\w+)?$/);

export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    expected: `one of ${values.join(', ')}`,
    schema: z.enum(values) as unknown as z.ZodType<T, string>,
  };
}

export function text(expected: string, pattern: RegExp): Kind<string> {
  return { expected, schema: z.string().regex(pattern) };
}

/**
 * A URL that may name several hosts, as those of replica sets, Sentinels and Clusters do: `new URL` can't read them.
 * @param more a further fault of a URL whose form is right.
 */
export function url(
  schemes: readonly string[],
  more: (value: string) => string | null = () => null,
): Kind<string> {
  return {
    expected: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')} and names a host`,
    schema: z.string().superRefine((value, context) => {
      const message = urlFault(value, schemes) ?? more(value);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
  };
}

const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/;

/** Which part of a URL is wrong. Repeats none of it: a password may stand anywhere in what is not a URL. */
function urlFault(value: string, schemes: readonly string[]): string | null {
  const [, scheme, rest] = /^([^:/@]*):\/\/(.*)$/s.exec(value) ?? [];
  if (scheme === undefined || rest === undefined) return 'what is set (not shown) has no scheme://';
  if (!schemes.includes(scheme)) return 'its scheme is another one';
  if (/\s/.test(rest)) return 'it has a blank in it';
  if (/%(?![0-9a-fA-F]{2})/.test(rest)) return 'a % in it begins no escape: a % itself is written %25';
  const parts = rest.split('@');
  if (parts.length > 2 || (parts.length === 2 && /[/?#]/.test(parts[0] ?? '')))
    return 'it has an @, /, ? or # in its user or password that is not written %40, %2F, %3F or %23';
  const hosts = (parts.at(-1) ?? '').split(/[/?]/)[0] ?? '';
  if (hosts === '') return 'it names no host';
  for (const [index, host] of hosts.split(',').entries()) {
    const match = HOST.exec(host);
    const port = Number(match?.[1] ?? 1);
    if (!match || port < 1 || port > 65_535)
      return `host ${index + 1} of it is not host or host:port with a port from 1 to 65535`;
  }
  return null;
}

/** Whether an address can be reached from this machine alone. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));

export const host: Kind<string> = {
  expected: 'an address of this machine (127.0.0.1, 0.0.0.0 for all of them) or a host name',
  schema: z
    .string()
    .refine((value) => isIP(value) > 0 || /^[a-zA-Z\d](?:[a-zA-Z\d.-]{0,251}[a-zA-Z\d])?$/.test(value)),
};

/** Nothing is no proxy: null. */
export const proxy: Kind<string | null> = {
  expected: 'http:// or https://, a user and password where the proxy wants them, and its host and port',
  schema: z
    .string()
    .superRefine((value, context) => {
      const message = value === '' ? null : (urlFault(value, ['http', 'https']) ?? proxyFault(value));
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .transform((value) => (value === '' ? null : value)),
};

function proxyFault(value: string): string | null {
  if (!URL.canParse(value)) return 'it is no URL';
  const { pathname, search, hash } = new URL(value);
  return pathname === '/' && !search && !hash ? null : 'something follows its host and port';
}

/** Names of hosts, with commas between. */
export const hosts: Kind<readonly string[]> = {
  expected: 'hosts with commas between, such as erp.example.com,.internal.example.com,10.0.0.7:8069',
  schema: z
    .string()
    .transform((value) => value.split(',').flatMap((entry) => entry.trim() || []))
    .refine((entries) =>
      entries.every((entry) =>
        /^(?:\*|(?:\*?\.)?(?:[\w-][\w.-]*|\[[\da-fA-F:.]+\])(?::\d{1,5})?)$/.test(entry),
      ),
    ),
};

/** Nothing is no token: null. */
export const accessToken: Kind<string | null> = {
  expected: 'at least 16 printable characters without blanks (openssl rand -hex 32)',
  schema: z
    .string()
    .regex(/^(?:|[\x21-\x7e]{16,512})$/)
    .transform((value) => (value === '' ? null : value)),
};
