import { errors } from '../odooError.js';
import { type Condition, checkFields, parseDomain } from '../query/domain.js';
import { matchTerm } from '../query/matchTerm.js';

type Entry = readonly [id: number, name: string];
const FIELDS = ['id', 'name', 'display_name'];
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  search: ['domain', 'offset', 'limit'],
  search_read: ['domain', 'fields', 'offset', 'limit'],
  search_count: ['domain'],
  read: ['ids', 'fields'],
};

export interface StaticCall {
  readonly model: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly uid: number;
}

/** The few reads that small models with names only answer. */
export function callStatic(
  records: readonly Entry[],
  { model, method, args, kwargs, version, uid }: StaticCall,
): unknown {
  if (model === 'res.users' && method === 'context_get') return { lang: 'en_US', tz: 'UTC', uid };
  // The one that is active in each.
  if (model === 'res.lang' && method === 'search_read') return [{ id: 1, code: 'en_US' }];
  const names = SIGNATURES[method];
  if (names === undefined) throw errors.unknownMethod(version, model, method);
  const parameters: Record<string, unknown> = {
    ...Object.fromEntries(names.map((name, index) => [name, args[index]])),
    ...kwargs,
  };
  const condition = parseDomain(parameters.domain);
  checkFields(condition, model, version, (field) => FIELDS.includes(field));
  const wanted = Array.isArray(parameters.ids) ? new Set(parameters.ids) : undefined;
  const found = [...records]
    .sort(([a], [b]) => a - b)
    .filter((entry) => holds(condition, entry, version) && (wanted?.has(entry[0]) ?? true));
  const page = found.slice(
    Number(parameters.offset || 0),
    Number(parameters.offset || 0) + Number(parameters.limit || found.length),
  );
  if (method === 'search_count') return found.length;
  if (method === 'search') return page.map(([id]) => id);
  const fields =
    Array.isArray(parameters.fields) && parameters.fields.length > 0
      ? (parameters.fields as string[])
      : FIELDS;
  for (const field of fields) if (!FIELDS.includes(field)) throw errors.unknownField(version, model, field);
  return page.map(([id, name]) => ({
    id,
    ...Object.fromEntries(fields.filter((field) => field !== 'id').map((field) => [field, name])),
  }));
}

function holds(condition: Condition, [id, name]: Entry, version: number): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every((part) => holds(part, [id, name], version));
    case 'any':
      return condition.of.some((part) => holds(part, [id, name], version));
    case 'not':
      return !holds(condition.of, [id, name], version);
    case 'constant':
      return condition.holds;
    case 'term':
      return matchTerm(
        condition.field,
        condition.operator,
        condition.value,
        version,
      )(condition.field === 'id' ? id : name);
  }
}
