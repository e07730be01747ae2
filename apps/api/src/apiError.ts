import { z } from 'zod';

/** A fault of the request: the message says what was expected, what came, and what to do. */
export class ApiError extends Error {
  constructor(
    readonly statusCode: number,
    readonly error: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export const ERROR = z
  .object({ error: z.string().describe('for programs'), message: z.string().describe('for people') })
  .describe('What was expected, what came, and what to do');
