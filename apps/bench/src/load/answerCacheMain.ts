import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Stands before a simulator and remembers its pages of windows, so that these are answered at once: a run then measures
 * who asks. Everything else is passed on. Like Odoo it closes every connection.
 * `node answerCacheMain.js URL`; `GET /_cache` tells how many pages were made and how many remembered.
 */
const [upstream = ''] = process.argv.slice(2);

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

const kept = new Map<string, Answer>();
const counts = { made: 0, remembered: 0 };

const isWindowPage = (url: string, body: string): boolean =>
  url.endsWith('/search_read') && body.includes('["write_date","<",');

async function ask(request: IncomingMessage, body: string): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'authorization', 'x-odoo-database']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const isGet = request.method === 'GET';
  const answer = await fetch(`${upstream}${request.url}`, {
    method: request.method ?? 'POST',
    headers,
    ...(isGet ? {} : { body }),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? 'application/json',
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

async function answerTo(request: IncomingMessage, body: string): Promise<Answer> {
  const url = request.url ?? '/';
  if (url === '/_cache')
    return { status: 200, type: 'application/json', body: Buffer.from(JSON.stringify(counts)) };
  if (!isWindowPage(url, body)) return ask(request, body);
  const key = `${request.headers['x-odoo-database']} ${url} ${body}`;
  const known = kept.get(key);
  if (known) {
    counts.remembered++;
    return known;
  }
  counts.made++;
  const answer = await ask(request, body);
  if (answer.status === 200) kept.set(key, answer);
  return answer;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    answerTo(request, Buffer.concat(chunks).toString())
      .then(({ status, type, body }) => {
        response.writeHead(status, {
          'Content-Type': type,
          'Content-Length': body.length,
          Connection: 'close',
        });
        response.end(body);
      })
      .catch(() => response.destroy());
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
