import type { ErrorKind } from '@odoo-sync/core';
import { z } from 'zod';

/** Every code of an answer that is no success, with the statuses that it comes under; the first unless another is said. */
export const STATUSES = {
  bad_request: [400, 413, 414, 415],
  invalid_request: [400],
  no_access: [401],
  forbidden_host: [403],
  cross_site: [403],
  no_such_route: [404],
  no_such_user: [404],
  no_such_turn: [404],
  wrong_method: [405],
  refused: [405],
  being_removed: [409],
  not_failed: [409],
  not_possible: [422],
  internal: [500],
  store_unavailable: [503],
} as const;
export type Code = keyof typeof STATUSES;
type StatusOf<C extends Code> = (typeof STATUSES)[C][number];

/**
 * How an error of the store is answered. What it refuses has passed the route's own checks: the request can be read, and the
 * ledger holds against it. That is 422, whichever of the kinds it is.
 */
export const CODE_OF_KIND: Readonly<Record<ErrorKind, Code>> = {
  invalid: 'not_possible',
  notFound: 'not_possible',
  conflict: 'not_possible',
  configuration: 'not_possible',
  transient: 'store_unavailable',
  throttled: 'internal',
  credentials: 'internal',
  access: 'internal',
  identity: 'internal',
  fields: 'internal',
  limit: 'internal',
  odoo: 'internal',
  bug: 'internal',
};

/** A refusal of a request: the message says what was expected, what came, and what to do. Made by {@link failuresOf}. */
class ApiError extends Error {
  constructor(
    readonly error: Code,
    message: string,
    readonly statusCode: number = STATUSES[error][0],
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export type { ApiError };
export const isApiError = (thrown: unknown): thrown is ApiError => thrown instanceof ApiError;

/** Makes refusals of some codes alone: whoever is given it can send no other. */
export type Refuse<C extends Code> = (code: C, message: string) => ApiError;

/** What any route may be answered with before it is asked, or while MongoDB is away. */
const OF_EVERY = [
  'bad_request',
  'invalid_request',
  'no_access',
  'forbidden_host',
  'internal',
  'store_unavailable',
] as const satisfies readonly Code[];
/** What stands before a route that changes something, beside those. */
const OF_CHANGES = ['cross_site', 'not_possible'] as const satisfies readonly Code[];

type Schemas<C extends Code> = {
  readonly [S in StatusOf<C>]: z.ZodType<{
    readonly error: { readonly [K in C]: S extends StatusOf<K> ? K : never }[C];
    readonly message: string;
  }>;
};

interface Failures<Response, Own extends Code> {
  /** For the route's schema: each status with the codes that come under it. */
  readonly response: Response;
  /** Makes what the route throws: its own codes, which are all in the schema. */
  readonly refuse: Refuse<Own>;
}

/** The failures of a route that only reads. @param own codes that it sends itself. */
export const failuresOf = <C extends Code = never>(
  ...own: readonly C[]
): Failures<Bodiless<Schemas<C | (typeof OF_EVERY)[number]>>, C> => ({
  response: bodiless(schemasOf<C | (typeof OF_EVERY)[number]>([...OF_EVERY, ...own])),
  refuse: (code, message) => new ApiError(code, message),
});

/** The failures of a route that changes something, as {@link failuresOf}. */
export const failuresOfChange = <C extends Code>(
  ...own: readonly C[]
): Failures<Schemas<C | (typeof OF_EVERY)[number] | (typeof OF_CHANGES)[number]>, C> => ({
  response: schemasOf([...OF_EVERY, ...OF_CHANGES, ...own]),
  refuse: (code, message) => new ApiError(code, message),
});

type Bodiless<S> = Omit<S, 413 | 415>;

/** Without the statuses of a body that is too large or of another type: who only asks sends none. */
function bodiless<S extends Partial<Schemas<'bad_request'>>>(schemas: S): Bodiless<S> {
  const { 413: _large, 415: _type, ...others } = schemas;
  return others;
}

/** The schemas of some codes, by their statuses. */
function schemasOf<C extends Code>(some: readonly C[]): Schemas<C> {
  const codes = [...new Set(some)];
  const schemas: Record<number, z.ZodType> = {};
  for (const status of new Set(codes.flatMap((code) => [...STATUSES[code]]))) {
    const under = codes.filter((code) => (STATUSES[code] as readonly number[]).includes(status));
    schemas[status] = z
      .object({ error: z.enum(under).describe('for programs'), message: z.string().describe('for people') })
      .describe('What was expected, what came, and what to do');
  }
  return schemas as Schemas<C>;
}

/** What a probe is answered with that is neither yes nor no: it is open to all, and asks for nothing. */
export const FAILURES_OF_PROBES = bodiless(schemasOf(['bad_request', 'forbidden_host', 'internal']));

/** What the server itself refuses: before any route, on paths that are none, and on the board's. */
type ServerCode = Exclude<Code, 'no_such_user' | 'no_such_turn' | 'being_removed' | 'not_failed'>;

/** A refusal of the server's own. @param status where the code has several. */
export const serverRefusal = <C extends ServerCode>(
  code: C,
  message: string,
  status?: StatusOf<C>,
): ApiError => new ApiError(code, message, status);
