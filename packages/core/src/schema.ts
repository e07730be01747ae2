import type { ModuleSchema } from './ports/schema.js';
import type { FieldList } from './ports/source.js';

/** Names of the fields that were mirrored by a schema, or retired before, and that a new list doesn't have; in order. */
export function retiredFields(before: ModuleSchema | null, fields: FieldList): readonly string[] {
  if (!before) return [];
  const kept = new Set(fields.fields.map(({ name }) => name));
  const known = [...before.retired, ...before.fields.fields.map(({ name }) => name)];
  return [...new Set(known)].filter((name) => !kept.has(name)).sort();
}
