import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from '@fastify/type-provider-zod';
import type { App } from './context.js';

/** Describes every route from its schemas; `/docs/json` shows it. */
export async function addOpenApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'odoo-sync',
        description: 'The state of the mirror, and the wishes that an operator has for it.',
        version: '0.1.0',
      },
    },
    transform: jsonSchemaTransform,
  });
}
