import type { IncomingMessage } from 'node:http';

export interface Forwarded {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/**
 * Sends a request on to an Odoo, and gives its answer. Headers that speak of the one connection, or of how the one body is
 * packed, stay behind.
 */
export async function forwarded(
  odooUrl: string,
  { url = '/', method = 'GET', headers }: IncomingMessage,
  body: string,
): Promise<Forwarded> {
  const {
    host,
    connection,
    'content-length': length,
    'accept-encoding': packing,
    ...kept
  } = headers as Record<string, string>;
  const answer = await fetch(odooUrl + url, {
    method,
    headers: kept,
    ...(body === '' ? {} : { body }),
  });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}
