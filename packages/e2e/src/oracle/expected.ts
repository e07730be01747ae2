/** What a value of an Odoo field must look like in the mirror; written from docs/reading.md. */
export function expectedValue(type: string, value: unknown): unknown {
  switch (type) {
    case 'boolean':
      return value;
    case 'datetime':
      return typeof value === 'string' ? new Date(`${value.replace(' ', 'T')}Z`).toISOString() : null;
    case 'many2one':
      return Array.isArray(value) ? { id: value[0], name: value[1] } : null;
    case 'one2many':
    case 'many2many':
      return [...(value as number[])].sort((a, b) => a - b);
    default:
      return value === false ? null : value;
  }
}

/** The stored value in the form in which the two are compared. */
export function comparable(type: string, value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value) && (type === 'one2many' || type === 'many2many'))
    return [...value].sort((a, b) => a - b);
  return value;
}
