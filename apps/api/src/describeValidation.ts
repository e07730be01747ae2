import type { FastifyRequest } from 'fastify';

const SHOWN = 80;

interface ValidationFault {
  readonly validationContext?: string;
  readonly validation: readonly { readonly instancePath: string; readonly message?: string | undefined }[];
}

/** What was expected and what came, for each fault of a request. */
export function describeValidation(
  { validation, validationContext = 'body' }: ValidationFault,
  request: FastifyRequest,
): string {
  const came = { body: request.body, params: request.params, querystring: request.query }[validationContext];
  const faults = validation.map(({ instancePath, message }) => {
    const keys = instancePath.split('/').filter((key) => key !== '');
    const value = keys.reduce<unknown>((part, key) => (part as Record<string, unknown> | null)?.[key], came);
    return `${[validationContext, ...keys].join('.')}: ${message ?? 'invalid'}, but it is ${show(value)}`;
  });
  return `${faults.join('; ')}. /docs/json describes what is taken`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
