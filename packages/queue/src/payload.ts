import { MODULE_NAMES, ROUND_KINDS, type TurnJob, type TurnRef } from '@odoo-sync/core';
import { z } from 'zod';

/** What a job holds: the reference to the truth in the ledger, and what an operator wants to see. No secret. */
export type TurnPayload = TurnRef & Pick<TurnJob, 'module' | 'windowStart' | 'windowEnd'>;

const SCHEMA = z.strictObject({
  kind: z.enum([...ROUND_KINDS, 'tail']),
  userKey: z.string().min(1),
  doc: z.string().min(1),
  release: z.int().min(0),
  module: z.enum(MODULE_NAMES).nullable(),
  windowStart: z.iso.datetime().nullable(),
  windowEnd: z.iso.datetime().nullable(),
}) satisfies z.ZodType<TurnPayload>;

/** A job's data isn't a turn: it was put by something else, or by another version of the engine. */
export class PayloadError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PayloadError';
  }
}

export const payloadOf = ({
  kind,
  userKey,
  doc,
  release,
  module,
  windowStart,
  windowEnd,
}: TurnJob): TurnPayload => ({
  kind,
  userKey,
  doc,
  release,
  module,
  windowStart,
  windowEnd,
});

/**
 * Reads what a job holds. Its id doesn't matter: a copy of a job is judged by the ledger, as everything is.
 * @throws PayloadError naming each field that is wrong.
 */
export function parsePayload(data: unknown): TurnPayload {
  const parsed = SCHEMA.safeParse(data);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter(Boolean).join(': '),
  );
  throw new PayloadError(
    `the job's data is not a turn (${faults.join('; ')}): remove the job; the ledger puts what is due`,
  );
}
