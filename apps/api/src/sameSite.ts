import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { serverRefusal } from './apiError.js';

/**
 * Keeps pages of other sites out of an API that asks for no token. A browser on this machine reaches a loopback address from
 * any page, and a name that was rebound to 127.0.0.1 shows in `Host`. Where a token is asked for, such a name has none: a
 * browser keeps it for the name that it was given for.
 */
export async function requireLoopbackHost({ headers: { host = '' } }: FastifyRequest): Promise<void> {
  if (isLoopback(host)) return;
  throw serverRefusal(
    'forbidden_host',
    `expected the Host 127.0.0.1, localhost or [::1], but it is "${host}": ask by one of those`,
  );
}

/**
 * Takes changes from this API's own pages and from programs. A browser sends the token along with whatever another site's
 * page has it ask; such a page shows in `Origin` or `Sec-Fetch-Site`. Programs send neither of the two.
 */
export async function requireOwnPage({ method, headers }: FastifyRequest): Promise<void> {
  if (method === 'GET' || method === 'HEAD') return;
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  if ((site === undefined || site === 'same-origin' || site === 'none') && !foreign(origin, host)) return;
  throw serverRefusal(
    'cross_site',
    `expected a change to come from a page of http(s)://${host} or from a program, but it came from ${origin ?? 'a page of another site'}: a proxy in between must pass the Host on that the browser sent`,
  );
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || (isIP(name) === 4 && name.startsWith('127.'));
}

// Hosts and not schemes: behind a proxy that ends TLS the page is of https and this server of http. A page of the same name
// that came without TLS shows in Sec-Fetch-Site.
const foreign = (origin: string | undefined, host: string): boolean =>
  origin !== undefined && /^https?:\/\/(.+)$/.exec(origin.toLowerCase())?.[1] !== host.toLowerCase();
