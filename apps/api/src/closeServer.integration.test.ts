import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import { closeServer } from './closeServer.js';
import type { App } from './context.js';

test('closes in time, whoever keeps a connection or an answer open', async () => {
  const app = fastify() as unknown as App;
  app.get('/ready', async () => 'ok');
  let begun = () => {};
  const begins = new Promise<void>((resolve) => {
    begun = resolve;
  });
  app.get('/never', () => {
    begun();
    return new Promise(() => {});
  });
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const open = async (text: string) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  const idle = await open('GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(idle, 'data');
  await open('GET /rea');
  await open('GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await begins;
  const began = performance.now();
  await closeServer(app, 200);
  expect(performance.now() - began).toBeLessThan(2_000);
});
