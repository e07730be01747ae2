import { isIP } from 'node:net';
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

export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    expected: `one of ${values.join(', ')}`,
    schema: z.enum(values) as unknown as z.ZodType<T, string>,
  };
}

export function text(expected: string, pattern: RegExp): Kind<string> {
  return { expected, schema: z.string().regex(pattern) };
}

/** A URL that may name several hosts, as those of replica sets, Sentinels and Clusters do: `new URL` can't read them. */
export function url(...schemes: readonly string[]): Kind<string> {
  const alternatives = schemes.map((scheme) => scheme.replaceAll('+', '\\+')).join('|');
  return {
    expected: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')} and names a host`,
    schema: z.string().regex(new RegExp(`^(?:${alternatives})://(?:[^\\s/@]*@)?[^\\s/@:?]+[^\\s@]*$`)),
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

export const loopbackHost: Kind<string> = {
  expected:
    'an address of this machine alone (127.0.0.1, ::1 or localhost), since the API has no access control yet',
  schema: z.string().refine(isLoopback),
};
