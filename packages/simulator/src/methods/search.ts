import { fieldsOf } from '../fieldTable.js';
import { findIds } from '../query/find.js';
import { isIdAscending, parseOrder, sortIds } from '../query/order.js';
import { answer, askedFields, countOf, type MethodAnswer, type MethodCall, mustRead } from './method.js';
import { writePage } from './page.js';

/** The ids that a search gives: matched, ordered, cut to offset and limit. */
function foundIds(call: MethodCall): readonly number[] {
  mustRead(call);
  const { database, model, parameters } = call;
  const order = parseOrder(parameters.order, model, database.version);
  const offset = countOf(parameters.offset) ?? 0;
  const cap = call.fault?.kind === 'shortPages' ? call.fault.rows : Number.POSITIVE_INFINITY;
  const extra = call.fault?.kind === 'tamper' && call.fault.how === 'tooMany' ? 1 : 0;
  const limit = Math.min((countOf(parameters.limit) ?? Number.POSITIVE_INFINITY) + extra, cap);
  const search = {
    domain: parameters.domain,
    activeTest: call.context.active_test !== false,
    rule: call.user.rules[model],
  };
  if (isIdAscending(order))
    return findIds(database, model, { ...search, most: offset + limit }).slice(offset);
  return sortIds(database, model, findIds(database, model, search), order).slice(offset, offset + limit);
}

export function search(call: MethodCall): MethodAnswer {
  const ids = foundIds(call);
  return { json: `[${ids.join(', ')}]`, rows: ids.length };
}

export function searchRead(call: MethodCall): MethodAnswer {
  mustRead(call);
  const known = fieldsOf(call.database.version, call.model);
  const { fields } = call.parameters;
  // A non-HR user who names no fields gets nothing, silently: hr.employee falls back to a view that lacks some.
  if (
    call.model === 'hr.employee' &&
    !(Array.isArray(fields) && fields.length > 0) &&
    askedFields(call).length < Object.keys(known).length
  ) {
    return answer(call, []);
  }
  const asked = askedFields(call);
  const ids = foundIds(call);
  return { json: writePage(call, ids, asked), rows: ids.length };
}

export function searchCount(call: MethodCall): MethodAnswer {
  mustRead(call);
  const { database, model, parameters, context, user } = call;
  const most = countOf(parameters.limit);
  const ids = findIds(database, model, {
    domain: parameters.domain,
    activeTest: context.active_test !== false,
    rule: user.rules[model],
    ...(most === undefined ? {} : { most }),
  });
  return answer(call, ids.length);
}
