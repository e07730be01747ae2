import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reading of records, as it is asked for over JSON-2. */
export interface Reading {
  readonly model: string;
  readonly fields: readonly string[];
  readonly domain: readonly (readonly unknown[])[];
  readonly limit: number;
}

export interface FalseOdoo {
  readonly url: string;
  /** Answers a reading itself, where it returns true; all else is passed on to the Odoo behind it. */
  answers: (reading: Reading, response: ServerResponse) => boolean;
  close(): Promise<void>;
}

/** Stands before an Odoo 19 and answers what it likes. */
export async function startFalseOdoo(behind: string): Promise<FalseOdoo> {
  const odoo: FalseOdoo = {
    url: '',
    answers: () => false,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    passOn(request, response, odoo, behind).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(odoo, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  odoo: FalseOdoo,
  behind: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { url: path = '/', method = 'GET' } = request;
  const [, model] = /^\/json\/2\/([\w.]+)\/search_read$/.exec(path) ?? [];
  if (model && odoo.answers({ ...JSON.parse(body.toString()), model }, response)) return;
  const { authorization = '', 'x-odoo-database': db = '' } = request.headers;
  const headers = {
    Authorization: authorization,
    'X-Odoo-Database': String(db),
    'Content-Type': 'application/json',
  };
  const answer = await fetch(behind + path, { method, headers, ...(method === 'POST' ? { body } : {}) });
  response.writeHead(answer.status, {
    'Content-Type': answer.headers.get('content-type') ?? 'text/plain',
    Date: answer.headers.get('date') ?? new Date().toUTCString(),
  });
  response.end(Buffer.from(await answer.arrayBuffer()));
}
