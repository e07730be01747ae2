import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { startTcpProxy } from './tcpProxy.js';
import { FolderWorld, until } from './testing/folder.js';

const world = new FolderWorld();

/** A server that sends back what it gets, behind a proxy. */
async function open() {
  const got: string[] = [];
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      got.push(chunk.toString());
      socket.write(chunk);
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  world.onEnd(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const proxy = await startTcpProxy({ target: { host: '127.0.0.1', port } });
  world.onEnd(() => proxy.close());
  const client = async () => {
    const socket: Socket = connect(proxy.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    world.onEnd(() => socket.destroy());
    return { socket, heard: () => heard };
  };
  return { got, proxy, client };
}

describe('the proxy', () => {
  test('passes both directions on, in order and whole', async () => {
    const { client } = await open();
    const { socket, heard } = await client();
    const text = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join('');
    socket.write(text);
    await until('all of it is back', () => heard().length === text.length);
    expect(heard()).toBe(text);
  });

  test('holds one direction of one connection, and sends it on in order when it is released', async () => {
    const { got, proxy, client } = await open();
    const [one, other] = [await client(), await client()];
    proxy.onChunk = (chunk, direction) => !(direction === 'up' && chunk.includes('held'));
    one.socket.write('held 1;');
    await until('it is held', () => proxy.held === 1);
    one.socket.write('behind it;');
    other.socket.write('passes;');
    await until('the other is answered', () => other.heard() === 'passes;');
    expect(got).toEqual(['passes;']);
    proxy.onChunk = undefined;
    proxy.release();
    await until('the first is answered', () => one.heard() === 'held 1;behind it;');
    expect(proxy.held).toBe(0);
    one.socket.write('goes on');
    await until('it goes on', () => one.heard().endsWith('goes on'));
  });

  test('holds an answer though the request has come through', async () => {
    const { got, proxy, client } = await open();
    const { socket, heard } = await client();
    proxy.onChunk = (_, direction) => direction === 'up';
    socket.write('question');
    await until('the answer is held', () => proxy.held === 1);
    expect(got).toEqual(['question']);
    expect(heard()).toBe('');
    proxy.release();
    await until('it comes', () => heard() === 'question');
  });

  test('cuts every connection, and takes new ones', async () => {
    const { proxy, client } = await open();
    const { socket } = await client();
    const closed = once(socket, 'close');
    proxy.drop();
    await closed;
    const again = await client();
    again.socket.write('x');
    await until('it is answered', () => again.heard() === 'x');
  });

  test('closes at both ends when one end closes', async () => {
    const { client } = await open();
    const { socket } = await client();
    const closed = once(socket, 'close');
    socket.end();
    await closed;
  });
});
