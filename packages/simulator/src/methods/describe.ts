import { fieldsOf } from '../fieldTable.js';
import { errors, OdooError } from '../odooError.js';
import { mayAccess, mayReadField } from '../users.js';
import { answer, type MethodAnswer, type MethodCall } from './method.js';

/** fields_get: only fields that the user may read, with the attributes asked. */
export function fieldsGet(call: MethodCall): MethodAnswer {
  const { database, model, user, parameters } = call;
  const wanted =
    Array.isArray(parameters.allfields) && parameters.allfields.length > 0
      ? new Set(parameters.allfields)
      : undefined;
  const attributes = Array.isArray(parameters.attributes) ? new Set(parameters.attributes) : undefined;
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fieldsOf(database.version, model))) {
    if (wanted !== undefined && !wanted.has(name)) continue;
    if (!mayReadField(user, model, name, field.groups)) continue;
    result[name] = Object.fromEntries(
      Object.entries(field).filter(([attribute]) => attributes === undefined || attributes.has(attribute)),
    );
  }
  return answer(call, result);
}

/** check_access_rights: true, or an AccessError unless asked not to raise (then false). */
export function checkAccessRights(call: MethodCall): MethodAnswer {
  const operation = String(call.parameters.operation ?? 'read');
  const allowed = mayAccess(call.user, call.model, operation);
  const raises = call.parameters.raise_exception !== false;
  if (!allowed && raises) throw errors.noModelAccess(call.model, operation === 'read' ? 'access' : 'modify');
  if (raises && call.database.version >= 18) return { json: undefined, rows: 0 };
  return answer(call, allowed);
}

/** has_access, since 18: true or false, never an error. */
export function hasAccess(call: MethodCall): MethodAnswer {
  if (call.parameters.operation === undefined) {
    throw new OdooError(
      'builtins.TypeError',
      "BaseModel.has_access() missing 1 required positional argument: 'operation'",
    );
  }
  return answer(call, mayAccess(call.user, call.model, String(call.parameters.operation)));
}
