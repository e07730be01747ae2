/** One answered request. Times: `at` by the simulator's clock (ISO), `ms` until the answer was handed to the socket. */
export interface LoggedRequest {
  readonly number: number;
  readonly at: string;
  readonly path: string;
  readonly db: string | undefined;
  readonly model: string | undefined;
  readonly method: string | undefined;
  readonly domain: unknown;
  readonly limit: unknown;
  readonly rows: number;
  readonly status: number;
  readonly fault: string | undefined;
  readonly ms: number;
}

/** The last requests, a bounded number, and totals that go on counting. */
export class RequestLog {
  readonly #kept: LoggedRequest[] = [];
  readonly #most: number;
  #total = 0;
  #rows = 0;

  constructor(most = 10_000) {
    this.#most = most;
  }

  add(request: Omit<LoggedRequest, 'number'>): void {
    this.#total += 1;
    this.#rows += request.rows;
    this.#kept.push({ number: this.#total, ...request });
    if (this.#kept.length > this.#most * 1.2) this.#kept.splice(0, this.#kept.length - this.#most);
  }

  /** Requests with a number above `after`, oldest first. */
  since(after = 0): readonly LoggedRequest[] {
    return this.#kept.filter(({ number }) => number > after);
  }

  get totals(): { readonly requests: number; readonly rows: number } {
    return { requests: this.#total, rows: this.#rows };
  }

  clear(): void {
    this.#kept.length = 0;
  }
}
