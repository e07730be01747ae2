import { createHash } from 'node:crypto';
import { type FieldList, type ModuleState, type Tiling, wantedFields } from '@odoo-sync/core';
import type { SourceContext } from '../turn/turnContext.js';
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
  const { store, lane, source, signal } = context;
  const { module } = lane;
  const state = context.state.modules[module];
  const wanted = createHash('sha256').update(wantedFields(module).join(' ')).digest('hex');
  const fresh =
    state.describedAt !== null && lane.takenAt.getTime() - state.describedAt.getTime() < FIELDS_LAST_MS;
  let prepared: Omit<PreparedModule, 'tiling'>;
  const known = state.state === 'active' && state.wanted === wanted && fresh && !again;
  if (state.fields && known) {
    prepared = { fields: state.fields, retired: state.retired };
  } else {
    const fields = await source.describe(module, signal);
    prepared = { fields, retired: retiredFields(state, fields) };
    logDrift(context, state, fields);
    await store.noteModule(lane, {
      ...prepared,
      wanted,
      describedAt: lane.takenAt,
      state: 'active',
      reason: null,
      probeAt: null,
    });
  }
  return { ...prepared, tiling: await planBackfill(context) };
}

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
