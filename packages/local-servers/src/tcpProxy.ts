import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
}

type Direction = 'up' | 'down';

/** A proxy on 127.0.0.1 between a client and a server, for tests of what happens when traffic stops. */
export interface TcpProxy {
  readonly port: number;
  /** Called with every chunk before it is sent on: `up` goes to the server. Answering false holds that direction of its connection. */
  onChunk: ((chunk: Buffer, direction: Direction) => boolean) | undefined;
  /** Sends on whatever is held. */
  release(): void;
  /** Cuts every connection. */
  drop(): void;
  readonly held: number;
  close(): Promise<void>;
}

export async function startTcpProxy({ target }: TcpProxyOptions): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let onChunk: TcpProxy['onChunk'];

  const forward = (from: Socket, to: Socket, direction: Direction) => {
    let holding = false;
    const queue: Buffer[] = [];
    const send = (chunk: Buffer) => {
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    };
    from.on('data', (chunk: Buffer) => {
      if (!holding && onChunk?.(chunk, direction) === false) {
        holding = true;
        waiting.push(() => {
          holding = false;
          for (const held of queue.splice(0)) send(held);
        });
      }
      if (holding) queue.push(chunk);
      else send(chunk);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    forward(client, upstream, 'up');
    forward(upstream, client, 'down');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get onChunk() {
      return onChunk;
    },
    set onChunk(hook) {
      onChunk = hook;
    },
    release() {
      for (const go of waiting.splice(0)) go();
    },
    drop,
    get held() {
      return waiting.length;
    },
    async close() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
