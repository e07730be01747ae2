import type { ConformanceTarget } from './target.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What an Odoo error carries, from either transport. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly arguments: readonly unknown[];
  readonly context: unknown;
  readonly debug: string;
}

interface Envelope {
  readonly jsonrpc: string;
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: ErrorData };
}

type Kwargs = Readonly<Record<string, unknown>>;

/** Plain HTTP to the target; it shares nothing with the engine's own transports, so that it can't share their mistakes. */
export class ConformanceClient {
  readonly target: ConformanceTarget;
  readonly #secret: { readonly uid: number; readonly password: string } | undefined;

  constructor(target: ConformanceTarget, secret?: { readonly uid: number; readonly password: string }) {
    this.target = target;
    this.#secret = secret;
  }

  async http(path: string, init: RequestInit = {}): Promise<HttpAnswer> {
    const response = await fetch(`${this.target.url}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async post(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.http(path, {
      method: 'POST',
      body: text,
      headers: { 'Content-Type': 'application/json', ...headers },
    });
  }

  async rpc(service: string, method: string, args: readonly unknown[]): Promise<Envelope> {
    const answer = await this.post('/jsonrpc', {
      jsonrpc: '2.0',
      method: 'call',
      id: 7,
      params: { service, method, args },
    });
    if (answer.status !== 200)
      throw new Error(`Expected HTTP 200 of /jsonrpc, got ${answer.status}: ${answer.text.slice(0, 200)}`);
    return JSON.parse(answer.text) as Envelope;
  }

  async envelope(
    model: string,
    method: string,
    args: readonly unknown[],
    kwargs: Kwargs = {},
  ): Promise<Envelope> {
    const { uid, password } = this.#secret ?? { uid: 0, password: '' };
    return this.rpc('object', 'execute_kw', [this.target.db, uid, password, model, method, args, kwargs]);
  }

  /** The result of a method; throws when Odoo raised. */
  async call<T>(model: string, method: string, args: readonly unknown[], kwargs: Kwargs = {}): Promise<T> {
    const { result, error } = await this.envelope(model, method, args, kwargs);
    if (error !== undefined) throw new Error(`${model}.${method}: ${error.data.name}: ${error.data.message}`);
    return result as T;
  }

  /** The error that a method must raise. */
  async refusal(
    model: string,
    method: string,
    args: readonly unknown[],
    kwargs: Kwargs = {},
  ): Promise<{ readonly code: number; readonly message: string; readonly data: ErrorData }> {
    const { result, error } = await this.envelope(model, method, args, kwargs);
    if (error === undefined)
      throw new Error(`${model}.${method}: expected an error, got ${JSON.stringify(result)?.slice(0, 200)}`);
    return error;
  }

  async json2(
    model: string,
    method: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer & { readonly value: unknown }> {
    const answer = await this.post(`/json/2/${model}/${method}`, body, {
      Authorization: `bearer ${this.target.apiKey}`,
      'X-Odoo-Database': this.target.db,
      ...headers,
    });
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    return { ...answer, value: isJson ? JSON.parse(answer.text) : undefined };
  }
}

/** Logs in; throws when the target refuses. */
export async function logIn(
  target: ConformanceTarget,
  login = target.login,
  password = target.password,
): Promise<ConformanceClient> {
  const { result } = await new ConformanceClient(target).rpc('common', 'authenticate', [
    target.db,
    login,
    password,
    {},
  ]);
  if (typeof result !== 'number') throw new Error(`The target refuses the login "${login}"`);
  return new ConformanceClient(target, { uid: result, password });
}
