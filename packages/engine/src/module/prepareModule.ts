import { createHash } from 'node:crypto';
import {
  auditIdOf,
  type FieldList,
  type ModuleName,
  type ModuleSchema,
  retiredFields,
  type StoreTime,
  type Tiling,
  wantedFields,
} from '@odoo-sync/core';
import type { PlaceContext, SourceContext } from '../turn/turnContext.js';
import { planBackfill } from './planBackfill.js';

const FIELDS_LAST_MS = 86_400_000;

export interface PreparedModule {
  /** Where this turn described it; null where it stands in the store. */
  readonly described: ModuleSchema | null;
  /** Null when another turn is just making it. */
  readonly tiling: Tiling | null;
}

/**
 * Makes sure that a module's schema stands in the store, and that its history is laid out. Its fields are asked for again when
 * the code wants others than those the list was cut from, when it is a day old, when a read failed over a field, and of a
 * module that was unavailable: being told them is what makes the module active again.
 */
export async function prepareModule(context: SourceContext, again = false): Promise<PreparedModule> {
  const known = !again && isDescribed(context, context.lane.takenAt);
  const described = known ? null : await describeModule(context);
  return { described, tiling: await planBackfill(context) };
}

/** A module's preparation where it stands in the store: nothing is to be asked or written. @param at the store's clock. */
export function knownPreparation(
  context: Pick<PlaceContext, 'state' | 'module' | 'user'>,
  at: StoreTime,
): PreparedModule | null {
  const { tiling } = context.state.modules[context.module];
  return isDescribed(context, at) && tiling?.range === context.user.rangeDays
    ? { described: null, tiling }
    : null;
}

/** What is to be read of a module that is prepared. The store is asked for it only here: most tails read nothing. */
export async function schemaOf(context: SourceContext, { described }: PreparedModule): Promise<ModuleSchema> {
  const { store, user, state, module } = context;
  const { schema: version } = state.modules[module];
  return described ?? (await store.schema(user, module, version)) ?? (await describeModule(context));
}

function isDescribed({ state, module }: Pick<PlaceContext, 'state' | 'module'>, at: StoreTime): boolean {
  const { schema, describedAt, wanted, state: availability } = state.modules[module];
  const fresh = describedAt !== null && at.getTime() - describedAt.getTime() < FIELDS_LAST_MS;
  return schema !== null && fresh && availability === 'active' && wanted === digestOfWanted(module);
}

/** Asks Odoo for a module's fields, and notes them. What they were is read under the lane, since another turn may have described it. */
async function describeModule(context: SourceContext): Promise<ModuleSchema> {
  const { store, user, module, lane, source, signal } = context;
  const fields = await source.describe(module, signal);
  const before = await store.schema(user, module);
  const schema = { fields, retired: retiredFields(before, fields) };
  const isOther = before !== null && before.fields.version !== fields.version;
  if (isOther) logDrift(context, before, fields);
  await store.noteSchema(lane, schema, {
    dropped: fields.dropped,
    wanted: digestOfWanted(module),
    describedAt: lane.takenAt,
    state: 'active',
    reason: null,
    probeAt: null,
  });
  if (isOther) await refill(context);
  return schema;
}

const digestOfWanted = (module: ModuleName): string =>
  createHash('sha256').update(wantedFields(module).join(' ')).digest('hex');

/** What is mirrored already lacks what is new: the module's next audit, due now, reads all of it by the new list. */
async function refill({ store, user, module, lane }: SourceContext): Promise<void> {
  const audit = await store.audit(auditIdOf(user.userKey, module));
  if (audit) await store.auditEvent(audit, { type: 'ask', at: lane.takenAt, deep: true });
}

function logDrift({ log }: SourceContext, before: ModuleSchema, fields: FieldList): void {
  const had = new Set(before.fields.fields.map(({ name }) => name));
  const has = new Set(fields.fields.map(({ name }) => name));
  log.warn(
    {
      gone: [...had].filter((name) => !has.has(name)),
      come: [...has].filter((name) => !had.has(name)),
    },
    'the fields of a module changed',
  );
}
