import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from '@fastify/type-provider-zod';
import { versionOf } from '@odoo-sync/runtime';
import type { App } from './context.js';

const TOKEN = {
  security: [{ bearer: [] }, { password: [] }],
  components: {
    securitySchemes: {
      bearer: { type: 'http' as const, scheme: 'bearer', description: 'The token that API_TOKEN holds' },
      password: {
        type: 'http' as const,
        scheme: 'basic',
        description: 'Any user name, and the token as the password',
      },
    },
  },
};

/** Describes every route from its schemas; `/docs/json` shows it. @param demandsToken except where a route says `security: []`. */
export async function addOpenApi(app: App, demandsToken: boolean): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'odoo-sync',
        description: 'The state of the mirror, and the requests that an operator has for it.',
        version: versionOf(),
      },
      ...(demandsToken ? TOKEN : {}),
    },
    transform: jsonSchemaTransform,
  });
}
