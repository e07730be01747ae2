import { createServer, type ServerResponse } from 'node:http';
import { forwarded, listening } from '@odoo-sync/testkit';

type Row = Readonly<Record<string, unknown>>;
type Kwargs = Readonly<Record<string, unknown>>;

interface Forwarded {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** One request of the engine's, on its way to Odoo. */
export interface Passing {
  readonly path: string;
  /** The version is asked for, with which every session begins. */
  readonly ofVersion: boolean;
  readonly response: ServerResponse;
  /** Sends it on, its arguments changed where that is told, and gives Odoo's answer. */
  forward(change?: (kwargs: Kwargs) => Kwargs): Promise<Forwarded>;
  /** Answers with Odoo's rows, changed. */
  rows(change: (rows: readonly Row[]) => readonly Row[]): Promise<void>;
  answer(body: Buffer | string, type?: string, status?: number, headers?: Record<string, string>): void;
}

export type Mischief = (passing: Passing) => unknown;

/** What stands before an Odoo, passes everything on, and does mischief while it is told to. */
export interface BadNeighbour {
  readonly url: string;
  /** Done to every request, or to every reading of a window from its second page on. */
  mischief: { readonly to: 'everything' | 'laterPages'; readonly how: Mischief } | null;
  close(): Promise<void>;
}

export async function startBadNeighbour(odooUrl: string): Promise<BadNeighbour> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { url: path = '/' } = incoming;
    const answer: Passing['answer'] = (body, type = 'application/json', status = 200, headers = {}) => {
      response.writeHead(status, { 'Content-Type': type, Connection: 'close', ...headers });
      response.end(body);
    };
    const forward: Passing['forward'] = async (change) => {
      const sent = change ? changed(text, change) : text;
      const { status, headers, body } = await forwarded(odooUrl, incoming, sent);
      return { status, type: headers.get('content-type') ?? '', body };
    };
    const rows: Passing['rows'] = async (change) => {
      const value = JSON.parse((await forward()).body.toString());
      const told = Array.isArray(value) ? change(value) : { ...value, result: change(value.result) };
      answer(JSON.stringify(told));
    };
    const { mischief } = neighbour;
    const hit = mischief && (mischief.to === 'everything' || isLaterPage(text));
    if (hit)
      return void (await mischief.how({
        path,
        ofVersion: isVersion(path, text),
        response,
        forward,
        rows,
        answer,
      }));
    const { status, type, body } = await forward();
    answer(body, type, status);
  });
  const { port, close } = await listening(server);
  const neighbour: BadNeighbour = {
    url: `http://127.0.0.1:${port}`,
    mischief: null,
    close,
  };
  return neighbour;
}

const isVersion = (path: string, text: string): boolean =>
  path === '/web/version' || (path === '/jsonrpc' && (JSON.parse(text) as Sent).params?.method === 'version');

interface Sent extends Kwargs {
  readonly params?: { readonly method?: string; readonly args: readonly unknown[] };
}

const kwargsOf = (sent: Sent): Kwargs => (sent.params ? ((sent.params.args[6] ?? {}) as Kwargs) : sent);

function changed(text: string, change: (kwargs: Kwargs) => Kwargs): string {
  const sent: Sent = JSON.parse(text);
  if (!sent.params) return JSON.stringify(change(sent));
  const args = [...sent.params.args.slice(0, 6), change(kwargsOf(sent))];
  return JSON.stringify({ ...sent, params: { ...sent.params, args } });
}

function isLaterPage(text: string): boolean {
  const domain = (text === '' ? {} : kwargsOf(JSON.parse(text))).domain;
  if (!Array.isArray(domain)) return false;
  const has = (is: (term: readonly unknown[]) => boolean) => domain.some((term) => is(term));
  return (
    has(([field, operator]) => field === 'write_date' && operator === '<') &&
    has(([field, operator, id]) => field === 'id' && operator === '>' && Number(id) > 0)
  );
}
