import { gzipSync } from 'node:zlib';
import type { Asked, Exchange, Row, Twist } from '../harness/hostileOdoo.js';
import { CALLS, type Entry, ofContacts, READINGS, to } from './entry.js';

const MB = 1_000_000;
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Whatever page is asked for is full: its ids rise for ever. */
const endless = (kinds: Asked | readonly Asked[]): Twist => {
  let kept: Row | undefined;
  return ofContacts(
    to(kinds, async (exchange) => {
      const { value } = await exchange.honest();
      const [row] = value as readonly Row[];
      if (row) kept = row;
      const sample = row ?? kept;
      if (!sample) return exchange.pass();
      const from = Math.max(exchange.lastId, 1_000_000);
      exchange.value(Array.from({ length: exchange.limit }, (_, n) => ({ ...sample, id: from + n + 1 })));
    }),
  );
};

const packed = (text: () => string): Twist => {
  let bytes: Buffer | undefined;
  return ({ response }) => {
    bytes ??= gzipSync(text(), { level: 1 });
    response.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': 'gzip' });
    response.end(bytes);
  };
};

/** An answer a byte a second. */
const trickle: Twist = ({ response }) => {
  response.writeHead(200, JSON_TYPE);
  const timer = setInterval(() => response.write(' '), 1_000);
  response.on('close', () => clearInterval(timer));
};

/** A page of more than fifty rows ends so; others are honest. */
const over50 = (twist: Twist): Twist =>
  ofContacts(to(READINGS, (exchange) => (exchange.limit > 50 ? twist(exchange) : exchange.pass())));

const cutInTheMiddle = async ({ honest, response }: Exchange): Promise<void> => {
  const { body } = await honest();
  response.writeHead(200, { ...JSON_TYPE, 'Content-Length': body.length });
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.resetAndDestroy());
};

/** Every other request finds its kept connection closed under it. */
const closedOnReuse = (): Twist => {
  const used = new WeakSet<object>();
  return async (exchange) => {
    const { socket } = exchange.request;
    if (used.has(socket)) return void socket.resetAndDestroy();
    used.add(socket);
    await exchange.pass({ Connection: 'keep-alive' });
  };
};

/** Sections 2 and 3: answers without an end, too large, too slow, or cut. */
export const STREAMS: readonly Entry[] = [
  {
    name: 'a window whose ids rise for ever',
    does: endless('window'),
    operator: /went on past 20000 records/,
    mirrored: 'none',
  },
  {
    name: 'a tail whose ids rise for ever',
    does: endless('light'),
    operator: /went on past 20000 records/,
    mirrored: 'none',
    stirred: true,
  },
  {
    name: '60 MB of empty lists in 58 kB',
    does: ofContacts(
      to(
        READINGS,
        packed(() => `[${'[],'.repeat((60 * MB) / 3)}[]]`),
      ),
    ),
    operator: /went on past|would take more than/,
    mirrored: 'none',
  },
  {
    name: 'a million empty objects',
    does: ofContacts(
      to(
        READINGS,
        packed(() => `[${'{},'.repeat(MB)}{}]`),
      ),
    ),
    operator: /went on past|would take more than/,
    mirrored: 'none',
  },
  {
    name: 'the same for the version and for the fields',
    does: to(
      ['version', 'fields'],
      packed(() => `{"result": [${'{},'.repeat(5 * MB)}{}]}`),
    ),
    operator: /expected/,
    mirrored: 'none',
  },
  {
    name: 'a page a byte a second',
    does: ofContacts(to(READINGS, trickle)),
    operator: /within 2000 ms|went on past/,
    mirrored: 'none',
  },
  { name: 'all a byte a second', does: trickle, operator: /out of reach|within 2000 ms/, mirrored: 'none' },
  {
    name: 'a reset in the middle of pages over fifty rows',
    does: over50(cutInTheMiddle),
    operator: null,
    mirrored: 'all',
  },
  { name: '504 over fifty rows', does: over50(({ raw }) => raw('', 504)), operator: null, mirrored: 'all' },
  { name: '413 over fifty rows', does: over50(({ raw }) => raw('', 413)), operator: null, mirrored: 'all' },
  {
    name: 'connections closed when they are used again',
    does: closedOnReuse(),
    operator: null,
    mirrored: 'all',
  },
  {
    name: 'a page of HTML for JSON',
    does: to(CALLS, ({ raw }) =>
      raw('<html><script>alert(1)</script></html>', 200, { 'Content-Type': 'text/html' }),
    ),
    operator: /expected an answer of Odoo in JSON, got \d+ bytes of text\/html/,
    mirrored: 'none',
  },
  {
    name: 'redirects without an end',
    does: ({ raw, path }) => raw('', 302, { Location: path }),
    operator: /redirects/,
    mirrored: 'none',
  },
  {
    name: 'a length that is too great',
    does: ofContacts(
      to(READINGS, async ({ honest, response }) => {
        const { body } = await honest();
        response.writeHead(200, { ...JSON_TYPE, 'Content-Length': body.length + 9 });
        response.write(body, () => response.destroy());
      }),
    ),
    operator: /ended before the answer was whole/,
    mirrored: 'none',
  },
  {
    name: 'a length that is too small',
    does: ofContacts(
      to(READINGS, async ({ honest, response }) => {
        const { body } = await honest();
        const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length - 9}`;
        response.socket?.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
      }),
    ),
    operator: /don't parse|expected HTTP/,
    mirrored: 'none',
  },
  {
    name: 'headers without an end',
    does: ({ response }) => {
      const cookies = Array.from({ length: 20_000 }, (_, n) => `Set-Cookie: s${n}=${'x'.repeat(200)}`);
      response.socket?.end(`HTTP/1.1 200 OK\r\n${cookies.join('\r\n')}\r\n\r\n{}`);
    },
    operator: /out of reach|Odoo at/,
    mirrored: 'none',
  },
];
