import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ApiError } from './apiError.js';

/**
 * Keeps pages of other sites out. A browser on this machine reaches a loopback address from any page: a name that was
 * rebound to 127.0.0.1 shows in `Host`, a button pressed from elsewhere in `Origin` or `Sec-Fetch-Site`. Programs send
 * neither of the two.
 */
export async function requireSameSite({ method, headers }: FastifyRequest): Promise<void> {
  const { host = '', origin } = headers;
  if (!isLoopback(host)) {
    throw new ApiError(
      403,
      'forbidden_host',
      `expected the Host 127.0.0.1, localhost or [::1], but it is "${host}": ask by one of those`,
    );
  }
  if (method === 'GET' || method === 'HEAD') return;
  const site = headers['sec-fetch-site'];
  if ((site !== undefined && site !== 'same-origin' && site !== 'none') || foreign(origin, host)) {
    throw new ApiError(
      403,
      'cross_site',
      `changes are taken from this API's own pages and from programs, but this came from ${origin ?? 'a page of another site'}`,
    );
  }
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || (isIP(name) === 4 && name.startsWith('127.'));
}

const foreign = (origin: string | undefined, host: string): boolean =>
  origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`;
