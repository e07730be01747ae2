import { createHash } from 'node:crypto';
import {
  type FieldList,
  type ModuleName,
  type ModuleState,
  type Source,
  SyncError,
  type User,
  wantedFields,
} from '@odoo-sync/core';
import type { Engine } from './engine.js';

const FIELDS_LAST_MS = 86_400_000;
const SURVEY_AGAIN_MS = 86_400_000;

export interface PreparedModule {
  readonly fields: FieldList;
  readonly retired: readonly string[];
}

/**
 * Makes sure that a module's field list stands in the store, and that it was surveyed. The list is asked for again when
 * the code wants other fields than those it was cut from, when it is a day old, when a read failed over a field, and of a
 * module that was unavailable: being told it is what makes the module active again.
 */
export async function prepareModule(
  engine: Engine,
  user: User,
  module: ModuleName,
  state: ModuleState,
  source: Source,
  signal: AbortSignal,
  again = false,
): Promise<PreparedModule> {
  const wanted = createHash('sha256').update(wantedFields(module).join(' ')).digest('hex');
  const fresh = state.describedAt !== null && Date.now() - state.describedAt.getTime() < FIELDS_LAST_MS;
  let prepared: PreparedModule;
  const known = state.state === 'active' && state.wanted === wanted && fresh && !again;
  if (state.fields && known) {
    prepared = { fields: state.fields, retired: state.retired };
  } else {
    const fields = await source.describe(module, signal);
    prepared = { fields, retired: retiredFields(state, fields) };
    noteDrift(engine, user, module, state, fields);
    await engine.store.noteModule(user.userKey, module, {
      ...prepared,
      wanted,
      describedAt: new Date(),
      state: 'active',
      reason: null,
      probeAt: null,
    });
  }
  const asked = state.surveyedAt !== null && Date.now() - state.surveyedAt.getTime() < SURVEY_AGAIN_MS;
  if (state.surveyed === null && !asked) await survey(engine, user, module, source, signal);
  return prepared;
}

/** A survey tells totals and nothing else: what it can't say holds up no window. */
async function survey(
  engine: Engine,
  user: User,
  module: ModuleName,
  source: Source,
  signal: AbortSignal,
): Promise<void> {
  try {
    const days = await source.survey(module, user.tilingStart, signal);
    await engine.store.noteSurvey(user.userKey, module, days);
  } catch (error) {
    if (!(error instanceof SyncError) || error.kind === 'credentials' || error.kind === 'throttled')
      throw error;
    engine.log.warn(
      { user: user.userKey, module, err: error },
      'a survey failed: windows are read without totals',
    );
    await engine.store.noteModule(user.userKey, module, { surveyedAt: new Date() });
  }
}

/** Once mirrored and not any more: unset when a record is rewritten. */
function retiredFields(state: ModuleState, fields: FieldList): readonly string[] {
  const kept = new Set(fields.fields.map(({ name }) => name));
  const before = [...state.retired, ...(state.fields?.fields.map(({ name }) => name) ?? [])];
  return [...new Set(before)].filter((name) => !kept.has(name)).sort();
}

function noteDrift(
  engine: Engine,
  user: User,
  module: ModuleName,
  state: ModuleState,
  fields: FieldList,
): void {
  if (!state.fields || state.fields.version === fields.version) return;
  const before = new Set(state.fields.fields.map(({ name }) => name));
  const now = new Set(fields.fields.map(({ name }) => name));
  engine.log.warn(
    {
      user: user.userKey,
      module,
      gone: [...before].filter((name) => !now.has(name)),
      come: [...now].filter((name) => !before.has(name)),
    },
    'the fields of a module changed',
  );
}
