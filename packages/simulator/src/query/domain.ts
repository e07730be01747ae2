import { errors, OdooError } from '../odooError.js';

/** A condition on records, read from Odoo's prefix notation. */
export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'constant'; readonly holds: boolean }
  | { readonly kind: 'term'; readonly field: string; readonly operator: string; readonly value: unknown };

/** A leaf as Python prints the tuple, for error messages. */
export function leafText(field: string, operator: string, value: unknown): string {
  return `(${python(field)}, ${python(operator)}, ${python(value)})`;
}

function python(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return Array.isArray(value) ? `[${value.map(python).join(', ')}]` : String(value);
}

/** Reads a domain: terms side by side are joined by "and"; `&`, `|` and `!` stand before what they join. */
export function parseDomain(domain: unknown): Condition {
  if (domain === undefined || domain === null || domain === false) return { kind: 'all', of: [] };
  if (!Array.isArray(domain))
    throw new OdooError('builtins.TypeError', `Domain() invalid argument type for domain: ${python(domain)}`);
  let position = 0;
  const next = (): Condition => {
    const item: unknown = domain[position];
    position += 1;
    if (item === '&' || item === '|') {
      const of = [next(), next()];
      return item === '&' ? { kind: 'all', of } : { kind: 'any', of };
    }
    if (item === '!') return { kind: 'not', of: next() };
    if (!Array.isArray(item) || item.length !== 3)
      throw new OdooError('builtins.ValueError', `Domain() malformed domain ${python(domain)}`);
    const [field, operator, value] = item as [unknown, unknown, unknown];
    if (typeof field === 'number') return { kind: 'constant', holds: field === value };
    return { kind: 'term', field: String(field), operator: String(operator).toLowerCase(), value };
  };
  const of: Condition[] = [];
  while (position < domain.length) of.push(next());
  return { kind: 'all', of };
}

/** Every field that a condition names. */
export function fieldsIn(condition: Condition): readonly string[] {
  if (condition.kind === 'term') return [condition.field];
  if (condition.kind === 'not') return fieldsIn(condition.of);
  return condition.kind === 'constant' ? [] : condition.of.flatMap(fieldsIn);
}

/** Throws on a field the model doesn't have, as the server does before it looks at any record. */
export function checkFields(
  condition: Condition,
  model: string,
  version: number,
  known: (field: string) => boolean,
): void {
  if (condition.kind === 'term') {
    const { field, operator, value } = condition;
    if (!known(field)) throw errors.unknownInDomain(version, model, leafText(field, operator, value), field);
  } else if (condition.kind === 'not') {
    checkFields(condition.of, model, version, known);
  } else if (condition.kind !== 'constant') {
    for (const part of condition.of) checkFields(part, model, version, known);
  }
}
