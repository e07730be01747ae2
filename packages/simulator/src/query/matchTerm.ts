import { errors } from '../odooError.js';
import { leafText } from './domain.js';

type Test = (value: unknown) => boolean;
/** Many2one values are compared by id, or by name when the operand is text. */
const side = (value: unknown, operand: unknown): unknown => {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[1] !== 'string') return value;
  return typeof operand === 'string' ? value[1] : value[0];
};
const empty = (value: unknown): boolean =>
  value === false || value === null || value === '' || (Array.isArray(value) && value.length === 0);

function equals(operand: unknown): Test {
  return (value) => {
    if (operand === false || operand === null) return empty(value);
    if (operand === '') return empty(value);
    const left = side(value, operand);
    return Array.isArray(left) ? left.includes(operand) : left === operand;
  };
}

/** `like` and its kin: % any text, _ one character; without `=` the text may stand anywhere. */
function pattern(operator: string, operand: unknown): RegExp {
  const escaped = String(operand)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/%/g, '[^]*')
    .replace(/_/g, '[^]');
  return new RegExp(
    operator.startsWith('=') ? `^${escaped}$` : escaped,
    operator.includes('ilike') ? 'i' : '',
  );
}

/** The test of one term on a field's value as the API gives it (so that dates compare as text). */
export function matchTerm(field: string, operator: string, operand: unknown, version: number): Test {
  switch (operator) {
    case '=':
    case '==':
      return Array.isArray(operand) ? matchTerm(field, 'in', operand, version) : equals(operand);
    case '!=':
    case '<>': {
      const test = matchTerm(field, '=', operand, version);
      return (value) => !test(value);
    }
    case 'in':
    case 'not in': {
      const set = new Set<unknown>(Array.isArray(operand) ? operand : [operand]);
      const kind = typeof set.values().next().value === 'string' ? '' : 0;
      const within: Test = (value) => {
        if (empty(value)) return set.has(false);
        const left = side(value, kind);
        return Array.isArray(left) ? left.some((one) => set.has(one)) : set.has(left);
      };
      return operator === 'in' ? within : (value) => !within(value);
    }
    case '>':
    case '>=':
    case '<':
    case '<=': {
      const compare = {
        '>': (c: number) => c > 0,
        '>=': (c: number) => c >= 0,
        '<': (c: number) => c < 0,
        '<=': (c: number) => c <= 0,
      }[operator];
      return (value) => {
        const left = side(value, operand);
        if (left === false || left === null) return false;
        return compare(left === operand ? 0 : (left as number) > (operand as number) ? 1 : -1);
      };
    }
    case 'like':
    case 'ilike':
    case '=like':
    case '=ilike': {
      const expression = pattern(operator, operand);
      return (value) => !empty(value) && expression.test(String(side(value, '')));
    }
    case 'not like':
    case 'not ilike': {
      const expression = pattern(operator.slice(4), operand);
      return (value) => empty(value) || !expression.test(String(side(value, '')));
    }
    default:
      throw errors.unknownOperator(version, leafText(field, operator, operand));
  }
}
