import { errors } from '../odooError.js';
import { seesRecord } from '../users.js';
import { askedFields, type MethodAnswer, type MethodCall, mustRead } from './method.js';
import { writePage } from './page.js';

/** The ids that a record method was called on; one id may come bare. */
export function calledIds(call: MethodCall): readonly number[] {
  const { ids } = call.parameters;
  return Array.isArray(ids) ? (ids as number[]) : typeof ids === 'number' ? [ids] : [];
}

/** Records by id, in the order asked; ids that are gone are left out without a word. */
export function read(call: MethodCall): MethodAnswer {
  mustRead(call);
  const { database, model, user } = call;
  const fields = askedFields(call);
  const table = database.table(model);
  const asked = calledIds(call);
  if (fields.length === 1 && fields[0] === 'id') {
    const missing = asked.find((id) => !table.exists(id));
    if (missing !== undefined && database.version < 19) throw errors.missing(model, missing, user.uid);
    return { json: `[${asked.map((id) => `{"id": ${id}}`).join(', ')}]`, rows: asked.length };
  }
  const ids = asked.filter((id) => table.exists(id));
  const rule = user.rules[model];
  if (rule !== undefined && ids.some((id) => !seesRecord(rule, id)))
    throw errors.hiddenRecord(model, user.login, user.uid);
  return { json: writePage(call, ids, fields), rows: ids.length };
}
