import { type FieldList, type FieldSpec, moduleOf } from '@odoo-sync/core';
import { fieldListVersion } from './decode.js';
import { requireNeeded } from './describe.js';
import { taken, takenOf } from './halving.js';
import type { ModuleQuestion } from './transport.js';

/** So many records are asked from each end of the table. */
const SAMPLED = 3;
const SEVERAL = 2;
/** An id that no record has. */
const NO_RECORD = 0;

/**
 * Of the fields that `fields_get` offers, those that a reading takes. `hr.employee` refuses a user outside HR some that it
 * offers: a reading of no record tells. A computed field may read a model that the user may not, or raise for every record:
 * that one record says so proves nothing, since the fault may be its own, and dropping the field would take it from all
 * others. So several must, of the oldest and of the youngest.
 */
export async function readableFields(list: FieldList, question: ModuleQuestion): Promise<FieldList> {
  const { transport, module, context, signal } = question;
  const { model, baseDomain } = moduleOf(module);
  const takes = (id: number) => (some: readonly FieldSpec[]) => {
    const domain = [...baseDomain, ['id', '=', id]];
    const kwargs = { domain, fields: some.map(({ name }) => name), limit: 1, context };
    return taken(() => transport.call(model, 'search_read', kwargs, signal));
  };
  const without = (fields: readonly FieldSpec[], some: readonly FieldSpec[]) =>
    fields.filter((field) => !some.includes(field));
  const allowed = await takenOf(list.fields, takes(NO_RECORD));
  const ids = await sampleOf(question);
  let failing = ids.length < SEVERAL ? [] : allowed;
  for (const id of ids) failing = without(failing, await takenOf(failing, takes(id)));
  const fields = without(allowed, failing);
  if (fields.length === list.fields.length) return list;
  requireNeeded(fields, model);
  const dropped = [...list.dropped, ...without(list.fields, fields).map(({ name }) => name)];
  return { fields, dropped, version: fieldListVersion(fields) };
}

/** Some of the oldest records and some of the youngest. */
async function sampleOf({ transport, module, context, signal }: ModuleQuestion): Promise<readonly number[]> {
  const { model, baseDomain } = moduleOf(module);
  const ids = new Set<number>();
  for (const order of ['id asc', 'id desc']) {
    const kwargs = { domain: baseDomain, fields: ['id'], order, limit: SAMPLED, context };
    const { value } = await transport.call(model, 'search_read', kwargs, signal);
    for (const row of Array.isArray(value) ? value : []) if (Number.isSafeInteger(row?.id)) ids.add(row.id);
  }
  return [...ids];
}
