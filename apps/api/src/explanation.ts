import { TURN_KIND_NAMES } from '@odoo-sync/core';
import { z } from 'zod';
import { ERROR_RECORD, MODULE, TIME } from './views.js';

const COUNT = z.int().min(0);
const KIND = z.enum(TURN_KIND_NAMES);
const SENTENCES = z.array(z.string()).describe('the whole in plain sentences');

const FATE = z.object({
  fate: z.enum(['runs', 'released', 'woken', 'waits']).describe('what would become of it by a look now'),
  reason: z
    .enum([
      'noPlace',
      'laneTaken',
      'notDue',
      'othersFirst',
      'held',
      'removing',
      'needsAttention',
      'unavailable',
      'laterInLine',
      'justNow',
    ])
    .nullable()
    .describe('why it waits'),
  why: z.string().nullable().describe('the same as a sentence'),
});

const HOLD = z.object({
  kind: z.enum(['throttled', 'credentials', 'breaker']),
  since: TIME.nullable().describe('null where that is not kept'),
  until: TIME.describe('in the past: it is over, and the next turn finds out'),
  why: z.string(),
});

const NEXT = z.object({
  fate: z.enum(['released', 'woken']),
  kind: KIND,
  module: MODULE.nullable().describe('null: all of them, one after another'),
  startTime: TIME.nullable().describe("its window's start"),
  turnId: z.string(),
});

const TAIL = FATE.extend({
  status: z.enum(['idle', 'queued', 'running']),
  dueAt: TIME,
  pauseMs: z.number(),
  lastEnd: TIME.nullable(),
  lastChangeAt: TIME.nullable(),
  lastError: ERROR_RECORD.nullable(),
  missed: z.array(MODULE).describe('whose lanes the last one found taken'),
  deaths: COUNT.describe('workers in a row that died over it'),
});

const IN_FLIGHT = FATE.extend({
  kind: KIND,
  module: MODULE.nullable(),
  windowStart: TIME.nullable(),
  turnId: z.string(),
  release: z.int(),
  status: z.enum(['queued', 'running']),
  readyAt: TIME,
  attempts: COUNT,
  job: z
    .enum(['absent', 'waiting', 'delayed', 'active', 'completed', 'failed'])
    .nullable()
    .describe('its job in the queue; null while Redis is away'),
  remedy: z.string().nullable().describe('what is done about its job, where that is not as it should be'),
});

const WAITING = FATE.extend({
  kind: KIND,
  module: MODULE,
  due: COUNT,
  later: COUNT,
  nextDueAt: TIME.nullable().describe('when the first of the later ones is due'),
});

const LANE = z.object({
  module: MODULE,
  holder: z.object({ kind: z.string(), turnId: z.string(), release: z.int() }),
  takenAt: TIME.nullable(),
  expiresAt: TIME.describe('unless renewed'),
  expired: z.boolean(),
});

const PAST_TURN = z.object({
  kind: z.string(),
  module: MODULE,
  turnId: z.string(),
  windowStart: TIME.nullable(),
  outcome: z.string(),
  pages: COUNT,
  counts: z.object({ read: COUNT, inserted: COUNT, updated: COUNT, unchanged: COUNT }).nullable(),
  takenAt: TIME,
  endedAt: TIME,
});

/** What is shown of a user's explanation; the engine's `UserExplanation` says what each is. */
export const EXPLANATION = z.object({
  userKey: z.string(),
  at: TIME,
  sentences: SENTENCES,
  standing: z.enum(['active', 'needs_attention', 'removing']),
  attention: ERROR_RECORD.nullable(),
  holds: z.array(HOLD),
  paceMs: z.number().describe('pause between two pages while the source throttles'),
  callDelayMs: z.number().nullable().describe("least pause between two requests; null: the fleet's"),
  clock: z.object({
    aheadMs: z.number().describe("the source's, of the store's"),
    databaseAheadMs: z.number(),
    fault: z.string().nullable().describe('why it is not believed'),
  }),
  places: z.object({ all: COUNT, taken: COUNT }),
  tail: TAIL,
  inFlight: z.array(IN_FLIGHT).describe('turns that are out'),
  waiting: z.array(WAITING).describe('what could be released now or later'),
  withoutHistory: z.array(MODULE).describe('modules of which no windows were made yet'),
  unavailable: z.array(z.object({ module: MODULE, reason: z.string(), probeAt: TIME.nullable() })),
  next: z.array(NEXT).describe('what a look would hand out now'),
  nextTurnAt: TIME.describe('when the user is looked at; in the past: it is due'),
  thenAt: TIME.nullable().describe('when again, after a look now; null for one that is being removed'),
  lanes: z.array(LANE).describe('lanes that are held'),
  queueAway: z.string().nullable().describe('why the queue could not be asked'),
  pastTurns: z.array(PAST_TURN).describe('that changed something or met a fault, newest first'),
});

/** What is answered to a waking. */
export const WOKEN = z.object({
  userKey: z.string(),
  probed: z.array(MODULE).describe('unavailable modules that the next tail tries'),
  breakerTried: z.boolean().describe('the source was left alone, and is tried by the next turn'),
  holds: z.array(HOLD).describe('those that stay'),
  next: z.array(NEXT).describe('what is handed out'),
  sentences: SENTENCES,
  note: z.string().nullable(),
});
