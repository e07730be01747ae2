import type { ServerResponse } from 'node:http';
import type { Mischief } from './badNeighbour.js';

const PAGE = '<html><title>secret</title></html>';
export const page: Mischief = ({ answer }) => answer(PAGE, 'text/html');
export const otherJson: Mischief = ({ answer }) => answer('{"hello": "secret"}');
export const notFound: Mischief = ({ answer }) => answer(PAGE, 'text/html', 404);

/** Mischief with calls of methods; the version is told. */
export const withCalls =
  (how: Mischief): Mischief =>
  async (passing) => {
    if (!passing.ofVersion) return how(passing);
    const { status, type, body } = await passing.forward();
    return passing.answer(body, type, status);
  };

/** Asks for something else than the engine did. */
export const asking =
  (change: (kwargs: Asked) => object): Mischief =>
  async ({ forward, answer }) =>
    answer((await forward((kwargs) => ({ ...kwargs, ...change(kwargs as unknown as Asked) }))).body);

interface Asked {
  readonly domain: readonly (readonly unknown[])[];
}

/** Sends 200 MB, as fast as they are taken. */
export const flood =
  (sent: (bytes: number) => void): Mischief =>
  ({ response }) => {
    const chunk = Buffer.alloc(65_536, 0x20);
    const { socket } = response;
    let left = 3_200;
    const send = () => {
      while (left-- > 0) if (!response.write(chunk)) return void response.once('drain', send);
      response.end();
    };
    response.on('close', () => sent(socket?.bytesWritten ?? 0));
    response.writeHead(200, { 'Content-Type': 'application/json' });
    send();
  };

const drip = (response: ServerResponse, write: () => void): void => {
  const timer = setInterval(write, 20);
  response.on('close', () => clearInterval(timer));
};

type Flaw = readonly [what: string, how: Mischief, message: RegExp];

/** What can be wrong with bytes. */
export const FLAWS_OF_BYTES: readonly Flaw[] = [
  [
    'is a page',
    page,
    /^expected an answer of Odoo in JSON, got \d+ bytes of text\/html \(HTTP 200\): it is tried/,
  ],
  ['is JSON of something else', otherJson, /JSON of another kind|expected a list, got an object/],
  [
    'is cut off, its length right',
    async ({ forward, answer }) => {
      const { body } = await forward();
      answer(body.subarray(0, body.length >> 1));
    },
    /got \d+ bytes of application\/json that don't parse, as when they were cut off/,
  ],
  [
    'is shorter than it says',
    async ({ forward, response }) => {
      const { body } = await forward();
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length + 9 });
      response.write(body, () => response.destroy());
    },
    /ended before the answer was whole: what was asked is tried again/,
  ],
  [
    'is longer than it says',
    async ({ forward, response }) => {
      const { body } = await forward();
      const head = `Content-Type: application/json\r\nContent-Length: ${body.length - 9}`;
      response.socket?.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), body]));
    },
    /that don't parse, as when they were cut off|expected HTTP, got something else/,
  ],
  [
    'is no UTF-8',
    async ({ forward, answer }) => {
      const { body } = await forward();
      body[body.indexOf('"name": "') + '"name": "'.length] = 0xff;
      answer(body);
    },
    /got \d+ bytes of application\/json that are no UTF-8/,
  ],
  [
    'ends never',
    ({ response }) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      drip(response, () => response.write(' '));
    },
    /^expected a whole answer of Odoo at http:\S+ within 1000 ms, and none came: fewer records .* ODOO_TIMEOUT_MS$/,
  ],
  ['never comes', () => {}, /^expected a whole answer of Odoo at http:\S+ within 1000 ms, and none came/],
  [
    'has headers without an end',
    ({ response }) => {
      response.socket?.write('HTTP/1.1 200 OK\r\n');
      drip(response, () => response.socket?.write('X-Drip: 1\r\n'));
    },
    /^expected a whole answer of Odoo at http:\S+ within 1000 ms, and none came/,
  ],
];

const broken = (what: string) =>
  new RegExp(`^Odoo's page after id 3 is broken: expected ${what}\\. Nothing of it is kept`);

/** What can be wrong with a page whose bytes are right: a customization of Odoo's, or a proxy that is too clever. */
export const FLAWS_OF_ROWS: readonly Flaw[] = [
  ['is of the whole table', asking(() => ({ domain: [] })), broken('rising ids, got 1 after 3')],
  [
    'is of any time',
    asking(({ domain }) => ({ domain: domain.filter(([field]) => field === 'id') })),
    /page after id 6 is broken: expected records from \S+ 00:00:00 to \S+ 00:00:00, got 8 of "/,
  ],
  [
    'begins at the first record again',
    asking(({ domain }) => ({ domain: domain.filter(([field]) => field !== 'id') })),
    broken('rising ids, got 1 after 3'),
  ],
  ['is longer than asked', asking(() => ({ limit: 0 })), broken('at most 3 rows, got 4')],
  ['falls', asking(() => ({ order: 'id desc' })), broken('rising ids, got 6 after 7')],
  [
    'holds a record twice',
    ({ rows }) => rows(([first, second]) => [first!, first!, second!]),
    broken('rising ids, got 4 after 4'),
  ],
  [
    'has a row without an id',
    ({ rows }) => rows((all) => all.map(({ id, ...row }) => row)),
    broken('an id in each row, got nothing'),
  ],
  [
    'has a row without a write_date',
    ({ rows }) => rows((all) => all.map(({ write_date, ...row }) => row)),
    broken('a write_date in each row, got nothing'),
  ],
];
