import { createHash } from 'node:crypto';
import {
  type FieldList,
  type ModuleName,
  type ModuleState,
  type StoreTime,
  type Tiling,
  wantedFields,
} from '@odoo-sync/core';
import type { PlaceContext, SourceContext } from '../turn/turnContext.js';
import { planBackfill } from './planBackfill.js';

const FIELDS_LAST_MS = 86_400_000;

export interface PreparedModule {
  readonly fields: FieldList;
  readonly retired: readonly string[];
  /** Null when another turn is just making it. */
  readonly tiling: Tiling | null;
}

/**
 * Makes sure that a module's field list stands in the store, and that its history is laid out. The list is asked for again when
 * the code wants other fields than those it was cut from, when it is a day old, when a read failed over a field, and of a
 * module that was unavailable: being told it is what makes the module active again.
 */
export async function prepareModule(context: SourceContext, again = false): Promise<PreparedModule> {
  const { store, module, lane, source, signal } = context;
  const state = context.state.modules[module];
  let prepared = again ? null : knownFields(context, lane.takenAt);
  if (!prepared) {
    const fields = await source.describe(module, signal);
    prepared = { fields, retired: retiredFields(state, fields) };
    logDrift(context, state, fields);
    await store.noteModule(lane, {
      ...prepared,
      wanted: digestOfWanted(module),
      describedAt: lane.takenAt,
      state: 'active',
      reason: null,
      probeAt: null,
    });
  }
  return { ...prepared, tiling: await planBackfill(context) };
}

/** A module's preparation where it stands in the store: nothing is to be asked or written. @param at the store's clock. */
export function knownPreparation(
  context: Pick<PlaceContext, 'state' | 'module' | 'user'>,
  at: StoreTime,
): PreparedModule | null {
  const fields = knownFields(context, at);
  const { tiling } = context.state.modules[context.module];
  return fields && tiling?.range === context.user.rangeDays ? { ...fields, tiling } : null;
}

function knownFields(
  { state, module }: Pick<PlaceContext, 'state' | 'module'>,
  at: StoreTime,
): Omit<PreparedModule, 'tiling'> | null {
  const known = state.modules[module];
  const { fields, retired, describedAt } = known;
  const fresh = describedAt !== null && at.getTime() - describedAt.getTime() < FIELDS_LAST_MS;
  const isCurrent = known.state === 'active' && known.wanted === digestOfWanted(module) && fresh;
  return fields && isCurrent ? { fields, retired } : null;
}

const digestOfWanted = (module: ModuleName): string =>
  createHash('sha256').update(wantedFields(module).join(' ')).digest('hex');

/** Once mirrored and not any more: unset when a record is rewritten. */
function retiredFields(state: ModuleState, fields: FieldList): readonly string[] {
  const kept = new Set(fields.fields.map(({ name }) => name));
  const before = [...state.retired, ...(state.fields?.fields.map(({ name }) => name) ?? [])];
  return [...new Set(before)].filter((name) => !kept.has(name)).sort();
}

function logDrift({ log }: SourceContext, state: ModuleState, fields: FieldList): void {
  if (!state.fields || state.fields.version === fields.version) return;
  const before = new Set(state.fields.fields.map(({ name }) => name));
  const now = new Set(fields.fields.map(({ name }) => name));
  log.warn(
    {
      gone: [...before].filter((name) => !now.has(name)),
      come: [...now].filter((name) => !before.has(name)),
    },
    'the fields of a module changed',
  );
}
