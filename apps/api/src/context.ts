import type { ZodTypeProvider } from '@fastify/type-provider-zod';
import type { EngineSettings, FleetFigures } from '@odoo-sync/core';
import type { Logger } from '@odoo-sync/runtime';
import type { Fleet } from '@odoo-sync/runtime/fleet';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { HandOut } from './handOut.js';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What the API works with; opened and closed by `main.ts`. */
export interface Services extends Fleet {
  readonly tick: Fleet['turns'];
  readonly settings: EngineSettings;
  /** The fleet in a few numbers, a little old; null while they can't be had. */
  readonly figures: () => Promise<FleetFigures | null>;
  readonly log: Logger;
}

/** What a route's handler is given. */
export interface ApiContext extends Services {
  readonly handOut: HandOut;
}

export type Route = (app: App, context: ApiContext) => void;
