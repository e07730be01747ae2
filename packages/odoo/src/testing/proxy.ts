import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { listening } from '@odoo-sync/testkit';
import type { Servers } from './server.js';

export interface SeenByProxy {
  /** `CONNECT host:port`, or `POST http://host:port/path`. */
  readonly what: string;
  readonly authorization: string | undefined;
}

/** A proxy on this machine. @param refusal the status that it answers instead of passing anything on. */
export async function startProxy(
  servers: Servers,
  refusal?: number,
): Promise<{ readonly url: string; readonly seen: readonly SeenByProxy[] }> {
  const seen: SeenByProxy[] = [];
  const note = (what: string, headers: IncomingHttpHeaders) =>
    seen.push({ what, authorization: headers['proxy-authorization'] });
  const server = createServer(async (request, response) => {
    note(`${request.method} ${request.url}`, request.headers);
    if (refusal) return void response.writeHead(refusal).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host, ...headers } = request.headers;
    const answer = await fetch(String(request.url), {
      method: String(request.method),
      headers: { 'Content-Type': headers['content-type'] ?? '', 'X-From': 'proxy' },
      ...(request.method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
    });
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.on('connect', (request, socket) => {
    note(`CONNECT ${request.url}`, request.headers);
    socket.on('error', () => {});
    if (refusal) return void socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
    const [host, port] = String(request.url).split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    servers.onEnd(() => {
      onward.destroy();
      socket.destroy();
    });
  });
  const { port, close } = await listening(server);
  servers.onEnd(close);
  return { url: `http://127.0.0.1:${port}`, seen };
}
