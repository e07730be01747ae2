import { MODULE_NAMES, type ModuleName, type TurnJob, type TurnRef } from '@odoo-sync/core';
import { z } from 'zod';

const payloadSchema = z.strictObject({
  kind: z.enum(['resync', 'seal', 'backfill', 'tail']),
  userKey: z.string().min(1),
  doc: z.string().min(1),
  release: z.number().int().min(1),
  module: z.enum(MODULE_NAMES as [ModuleName, ...ModuleName[]]).nullable(),
  windowStart: z.iso.datetime().nullable(),
  windowEnd: z.iso.datetime().nullable(),
});

/** A job's data: enough to find the turn in the ledger, and to tell an operator what it is. Never a secret. */
export type TurnPayload = z.output<typeof payloadSchema>;

export const payloadOf = ({ attempts: _attempts, delayMs: _delay, ...payload }: TurnJob): TurnPayload =>
  payload;

/** @throws with what was expected and what came, when the data is none of ours. */
export function parsePayload(data: unknown): TurnRef & TurnPayload {
  const read = payloadSchema.safeParse(data);
  if (!read.success) throw new Error(`the job's data is not a turn: ${z.prettifyError(read.error)}`);
  return read.data;
}
