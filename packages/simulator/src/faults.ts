import { z } from 'zod';

const match = z.strictObject({
  db: z.string().optional(),
  model: z.string().optional(),
  method: z.string().optional(),
  /** A path such as `/web/version`, for requests that are no method call. */
  path: z.string().optional(),
  /** Only calls whose domain has `write_date >=` this text. */
  windowStart: z.string().optional(),
  /** Only calls whose domain has `write_date <`: reads of windows. */
  window: z.literal(true).optional(),
  /** Only calls that ask for more rows than this. */
  rowsOver: z.number().int().min(0).optional(),
  /** Lets so many matching calls pass first. */
  afterPages: z.number().int().min(0).optional(),
  /** Only every so many-th matching call. */
  nth: z.number().int().positive().optional(),
});

const common = {
  match: match.optional(),
  times: z.union([z.number().int().positive(), z.literal('always')]).optional(),
};
const kind = <K extends string, S extends z.ZodRawShape>(name: K, shape: S) =>
  z.strictObject({ kind: z.literal(name), ...common, ...shape });

/** Every fault, with what it needs. `times` is 1 unless told. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** The answer is made at once (one snapshot) and comes after so long. */
  kind('latency', { ms: z.number().min(0) }),
  /** The answer trickles in over so long. */
  kind('slow', { ms: z.number().min(0) }),
  /** A plain HTTP status, as proxies send: 429, 502, 503, 504 … */
  kind('status', {
    status: z.number().int(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.string().optional(),
  }),
  /** The connection is reset before any answer. */
  kind('reset', {}),
  /** Odoo's HTML 404 "No database is selected". */
  kind('html404', {}),
  /** PostgreSQL is stopped, for as long as this is armed; without a `match`, since the health page names no database. */
  kind('databaseDown', {}),
  /** 401 on JSON-2, AccessDenied elsewhere. */
  kind('expiredKey', {}),
  kind('accessDenied', {}),
  /** AccessError for the model. */
  kind('accessError', {}),
  /** HTTP 200 with something that isn't JSON. */
  kind('garbage', { body: z.string().optional() }),
  /** No answer, ever. */
  kind('hang', {}),
  /** Half of the body, then the connection ends. */
  kind('truncate', {}),
  /** Pages of at most so many rows, whatever was asked. */
  kind('shortPages', { rows: z.number().int().positive() }),
  /** Every page that holds one of these records fails; with `fields` only when one of those is asked. */
  kind('rowError', {
    ids: z.array(z.number().int()),
    fields: z.array(z.string()).optional(),
    name: z.string().optional(),
    message: z.string().optional(),
  }),
  /** Records come with these values, each a text that need not be JSON: what a server sends that is broken, or no Odoo. */
  kind('oddRows', {
    /** All records unless told. */
    ids: z.array(z.number().int()).optional(),
    set: z.record(z.string(), z.string()),
  }),
  /** Any exception that Odoo raises, e.g. psycopg2.OperationalError. */
  kind('odooError', {
    name: z.string(),
    message: z.string().optional(),
    status: z.number().int().optional(),
  }),
  /** A page that breaks its own promise. */
  kind('tamper', {
    how: z.enum([
      'unsorted',
      'duplicate',
      'withoutWriteDate',
      'outsideWindow',
      'belowLastId',
      'tooMany',
      'withoutId',
    ]),
  }),
]);

export type Fault = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** What a fault is matched against. */
export interface FaultTarget {
  readonly path: string;
  readonly db?: string | undefined;
  readonly model?: string | undefined;
  readonly method?: string | undefined;
  readonly domain?: unknown;
  readonly limit?: unknown;
}

interface Armed {
  readonly id: number;
  readonly fault: Fault;
  seen: number;
  left: number;
}

/** Whether a domain bounds write_date by this operator, at this text where one is given. */
function bounds(domain: unknown, operator: string, text?: string): boolean {
  return (
    Array.isArray(domain) &&
    domain.some(
      (term) =>
        Array.isArray(term) &&
        term[0] === 'write_date' &&
        term[1] === operator &&
        (text === undefined || term[2] === text),
    )
  );
}

/** The faults that wait for their request. The first added that matches is used; only one hits a request. */
export class FaultPlan {
  #armed: Armed[] = [];
  #ids = 0;

  /** Arms a fault; returns a number to disarm it by. Throws on a fault that isn't well formed. */
  add(fault: Fault): number {
    faultSchema.parse(fault);
    this.#ids += 1;
    this.#armed.push({
      id: this.#ids,
      fault,
      seen: 0,
      left: fault.times === 'always' ? Number.POSITIVE_INFINITY : (fault.times ?? 1),
    });
    return this.#ids;
  }

  /** Disarms one fault, or all. */
  clear(id?: number): void {
    this.#armed = id === undefined ? [] : this.#armed.filter((armed) => armed.id !== id);
  }

  /** The faults still armed, and how many matching requests each has met. */
  list(): readonly {
    readonly id: number;
    readonly fault: Fault;
    readonly seen: number;
    readonly left: number | 'always';
  }[] {
    return this.#armed.map((armed) => ({
      ...armed,
      left: armed.left === Number.POSITIVE_INFINITY ? 'always' : armed.left,
    }));
  }

  take(target: FaultTarget): Fault | undefined {
    for (const armed of this.#armed) {
      const { match = {} } = armed.fault;
      if (match.db !== undefined && match.db !== target.db) continue;
      if (match.model !== undefined && match.model !== target.model) continue;
      if (match.method !== undefined && match.method !== target.method) continue;
      if (match.path !== undefined && match.path !== target.path) continue;
      if (match.windowStart !== undefined && !bounds(target.domain, '>=', match.windowStart)) continue;
      if (match.rowsOver !== undefined && !(Number(target.limit) > match.rowsOver)) continue;
      if (match.window && !bounds(target.domain, '<')) continue;
      armed.seen += 1;
      if (armed.seen <= (match.afterPages ?? 0)) continue;
      if (match.nth !== undefined && armed.seen % match.nth !== 0) continue;
      armed.left -= 1;
      if (armed.left <= 0) this.clear(armed.id);
      return armed.fault;
    }
    return undefined;
  }
}
