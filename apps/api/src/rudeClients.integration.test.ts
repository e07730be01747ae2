import { connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { HTTP_LIMITS } from '@odoo-sync/runtime';
import { ApiWorld } from './testing/apiWorld.js';

const world = new ApiWorld();
const TOKEN = 'a'.repeat(64);
const CONNECTIONS = 20;
const ROUNDS = 10;
/** A probe of liveness waits for 5 s. */
const MOST_MS = 1_000;
const QUICK = { ...HTTP_LIMITS, headersMs: 300, requestMs: 500, idleMs: 300, checkMs: 50 };

/** A connection, what came over it, and whether it is over. */
function dial(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const line = {
    socket,
    text: '',
    closed: new Promise<void>((resolve) => socket.on('close', () => resolve())),
  };
  socket.on('error', () => {});
  socket.on('data', (data) => {
    line.text += data;
  });
  world.onEnd(() => socket.destroy());
  return line;
}

function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.on('close', () => clearInterval(timer));
}

describe('who has no token holds nobody up', () => {
  test.each([
    ['no known escape', `%zz${'a'.repeat(15_000)}`],
    ['escapes of half a letter', '%c3'.repeat(5_000)],
    ['what looks like a URL with a password', `%zz${'a://b:'.repeat(2_500)}`],
    ['what looks like parameters', `%zz${'&apikeytokensecret'.repeat(830)}`],
    ['a path that is readable', 'a'.repeat(15_000)],
    ['a path just short enough', 'a'.repeat(8_000)],
    ['many segments', '/users'.repeat(2_500)],
  ])('by URLs of %s', async (_what, path) => {
    const api = await world.open();
    const url = await world.serve(api, TOKEN);
    const lines = Array.from({ length: CONNECTIONS }, () => dial(url));
    for (const { socket } of lines)
      socket.write(`GET /${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(ROUNDS));
    const began = performance.now();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(MOST_MS);
    for (const line of lines) {
      line.socket.end();
      await line.closed;
      expect(line.text).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(line.text).not.toContain(path.slice(0, 1_000));
    }
  });

  test.each([
    ['say nothing', () => {}],
    [
      'never end their headers',
      (socket: Socket) => {
        socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
        drip(socket, 'X-Drip: 1\r\n');
      },
    ],
    [
      'never end their body',
      (socket: Socket) => {
        socket.write(
          'POST /users/a/resync HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n',
        );
        socket.write('Content-Length: 60000\r\n\r\n');
        drip(socket, ' ');
      },
    ],
    [
      'ask once and stay',
      (socket: Socket) => void socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
    ],
  ])('by connections that %s', async (_what, rudely) => {
    const api = await world.open();
    const url = await world.serve(api, null, QUICK);
    const lines = Array.from({ length: 60 }, () => dial(url));
    for (const { socket } of lines) rudely(socket);
    await Promise.all(lines.map(({ closed }) => closed));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
