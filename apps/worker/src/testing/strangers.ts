import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type Server } from 'node:net';
import { type Listening, listening, selfSigned } from '@odoo-sync/testkit';

/** Servers that are no Odoo at all, closed together. */
export class Strangers {
  readonly #servers: Listening[] = [];

  /** Says this to everyone who connects, in whatever language, and closes; or is silent for ever. */
  async says(text: string | null): Promise<string> {
    return this.#listen(
      createRawServer((socket) => {
        if (text !== null) socket.once('data', () => socket.end(text));
      }),
    );
  }

  /** An HTTP server that answers everything in one way, and counts how often. */
  async answers(how: (response: ServerResponse) => void): Promise<{ readonly url: string; asked: number }> {
    const stranger = { url: '', asked: 0 };
    const server = createServer((incoming, response) => {
      stranger.asked += 1;
      incoming.resume().on('end', () => how(response));
    });
    stranger.url = await this.#listen(server);
    return stranger;
  }

  /** An HTTPS server with a certificate of its own making. */
  async selfSigned(): Promise<string> {
    const server = createTlsServer(selfSigned(), (_incoming, response) => response.end());
    return (await this.#listen(server)).replace('http:', 'https:');
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
  }

  async #listen(server: Server): Promise<string> {
    const stranger = await listening(server);
    this.#servers.push(stranger);
    return `http://127.0.0.1:${stranger.port}`;
  }
}
