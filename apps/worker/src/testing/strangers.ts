import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen, shut } from './badNeighbour.js';

/** Servers that are no Odoo at all, closed together. */
export class Strangers {
  #servers: Server[] = [];
  #sockets = new Set<Socket>();

  /** Says this to everyone who connects, in whatever language, and closes; or is silent for ever. */
  async says(text: string | null): Promise<string> {
    return this.#listen(
      createRawServer((socket) => {
        socket.on('error', () => {});
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
    const folder = mkdtempSync(join(tmpdir(), 'neighbour-'));
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', 'key', '-out', 'cert', '-days', '2', '-subj', '/CN=127.0.0.1'];
    try {
      execFileSync('openssl', ['req', '-x509', ...curve, ...files], { stdio: 'ignore', cwd: folder });
      const [key, cert] = ['key', 'cert'].map((name) => readFileSync(join(folder, name)));
      const url = await this.#listen(createTlsServer({ key, cert }, (_incoming, response) => response.end()));
      return url.replace('http:', 'https:');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.splice(0).map(shut));
  }

  async #listen(server: Server): Promise<string> {
    this.#servers.push(server);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return listen(server);
  }
}
