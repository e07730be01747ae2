import type { ClientRequest } from 'node:http';
import { SyncError } from '@odoo-sync/core';

/** What the proxy answered to CONNECT: its agent hands it out as an event of the request. */
interface Connect {
  readonly statusCode?: number;
}

/** The proxy of `ODOO_PROXY` would not, or could not, connect to an Odoo. */
export class ProxyFault extends Error {
  constructor(
    /** Host and port, without how to get in. */
    readonly proxy: string,
    /** The status that it answered, or the code of the connection to it that failed. */
    readonly what: number | string,
  ) {
    super(`the proxy ${proxy} failed: ${what}`);
  }
}

/** Connects through a proxy. @throws ProxyFault for whatever goes wrong on the way to it, and for its refusals. */
export async function proxied<T extends { destroy(): unknown }>(
  proxy: URL,
  request: ClientRequest,
  connect: () => Promise<T>,
): Promise<T> {
  let status: number | undefined;
  request.once('proxyConnect', ({ statusCode }: Connect) => {
    status = statusCode;
  });
  let socket: T;
  try {
    socket = await connect();
  } catch (error) {
    throw new ProxyFault(proxy.host, (error as NodeJS.ErrnoException).code ?? 'no answer');
  }
  if (status === undefined || status === 200) return socket;
  // A refused CONNECT comes as a socket that plays the refusal as if Odoo had answered it.
  socket.destroy();
  throw new ProxyFault(proxy.host, status);
}

/** Statuses by which a proxy says that it got no answer itself. */
const BEHIND_IT = [500, 502, 503, 504];

export function proxyError({ proxy, what }: ProxyFault, url: string): SyncError {
  const error = (kind: 'transient' | 'configuration', text: string) =>
    new SyncError(kind, text, { unreachable: true });
  if (what === 407) return wantsLogin(proxy);
  if (typeof what === 'number' && BEHIND_IT.includes(what))
    return error(
      'transient',
      `the proxy ${proxy} gets no connection to Odoo at ${url} (HTTP ${what}): it is tried again; if this lasts, check the user's URL, and whether the proxy can reach it`,
    );
  if (typeof what === 'number')
    return error(
      'configuration',
      `the proxy ${proxy} lets no connection to Odoo at ${url} through (HTTP ${what}): allow it there, or name its host in ODOO_NO_PROXY`,
    );
  return error(
    'configuration',
    `the proxy ${proxy} can't be reached (${what}), so Odoo at ${url} was not asked: correct ODOO_PROXY, or see to the proxy`,
  );
}

/** @param proxy host and port; null where it isn't known which one it is. */
export const wantsLogin = (proxy: string | null): SyncError =>
  new SyncError(
    'configuration',
    `the proxy ${proxy ?? 'on the way to Odoo'} wants another user or password (HTTP 407): correct them in ODOO_PROXY`,
    { unreachable: true },
  );
