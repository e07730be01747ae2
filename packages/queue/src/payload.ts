import {
  auditIdOf,
  batchIdOf,
  MODULE_NAMES,
  TURN_KIND_NAMES,
  TURN_KINDS,
  type TurnJob,
  type TurnRef,
  tailIdOf,
  unreachable,
} from '@odoo-sync/core';
import { z } from 'zod';
import { describeFaults } from './describeFaults.js';

/** What a job tells: the reference to the truth in the ledger, and what an operator wants to see. No secret. */
export type TurnPayload = TurnRef & Pick<TurnJob, 'module' | 'windowStart' | 'windowEnd'>;

/** The same as it stands in the job, where a turn's id is called `doc`: every version of the program reads it so. */
export type StoredPayload = Omit<TurnPayload, 'turnId'> & { readonly doc: string };

/** Of a job that an engine without lives put: it is no life of anybody, so that the ledger supersedes it. */
const NO_LIFE = 'none';

/** No key of a user is near it: what is longer was put by hand, and would go through every query and message. */
const LONGEST = 20_000;

const SHAPE = z.strictObject({
  kind: z.enum(TURN_KIND_NAMES),
  userKey: z.string().min(1).max(LONGEST),
  life: z.string().min(1).max(100).default(NO_LIFE),
  doc: z
    .string()
    .min(1)
    .max(LONGEST + 100),
  release: z.int().min(0),
  module: z.enum(MODULE_NAMES).nullable(),
  windowStart: z.iso.datetime().nullable(),
  windowEnd: z.iso.datetime().nullable(),
});

/**
 * A document of one user under another's key would be read in the other's Odoo and committed in the other's name. A resync's
 * document doesn't tell whose it is.
 */
const SCHEMA = SHAPE.superRefine((turn, context) => {
  const fault = placeFault(turn);
  if (fault) context.addIssue({ code: 'custom', ...fault });
}) satisfies z.ZodType<StoredPayload>;

function placeFault({ kind, userKey, doc, module, windowStart }: z.infer<typeof SHAPE>) {
  const other = (expected: string) =>
    doc === expected
      ? null
      : { path: ['doc'], message: `expected "${expected}", as kind, userKey, module and windowStart say` };
  const { document } = TURN_KINDS[kind];
  switch (document) {
    case 'tail':
      return other(tailIdOf(userKey));
    case 'resync':
      return null;
    case 'audit':
      return module === null
        ? { path: ['module'], message: `expected the module of an ${kind}` }
        : other(auditIdOf(userKey, module));
    case 'batch': {
      if (module === null) return { path: ['module'], message: `expected the module of a ${kind}` };
      if (windowStart === null) return { path: ['windowStart'], message: `expected the window of a ${kind}` };
      const start = new Date(windowStart);
      // Told already: zod looks here though a field is wrong in its form.
      return Number.isNaN(start.getTime()) ? null : other(batchIdOf(userKey, module, start));
    }
    default:
      return unreachable(document);
  }
}

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
  life,
  turnId,
  release,
  module,
  windowStart,
  windowEnd,
}: TurnJob): StoredPayload => ({
  kind,
  userKey,
  life,
  doc: turnId,
  release,
  module,
  windowStart,
  windowEnd,
});

/**
 * Reads what a job holds. Its id doesn't matter: a copy of a job is judged by the ledger, as everything is.
 * @throws PayloadError naming what is wrong: what was expected, and what came.
 */
export function parsePayload(data: unknown): TurnPayload {
  const parsed = SCHEMA.safeParse(data);
  if (parsed.success) {
    const { doc: turnId, ...turn } = parsed.data;
    return { ...turn, turnId };
  }
  throw new PayloadError(
    `the job's data is not a turn (${describeFaults(parsed.error, data)}): somebody else put it there, and it may be left: the ledger puts what is due`,
  );
}
