import { errors, OdooError } from '../odooError.js';
import { mayAccess } from '../users.js';
import { answer, type MethodAnswer, type MethodCall } from './method.js';
import { calledIds } from './read.js';

function mustBeAllowed(call: MethodCall, operation: 'write' | 'create' | 'unlink'): void {
  const verbs = { write: 'modify', create: 'create', unlink: 'delete' } as const;
  if (!mayAccess(call.user, call.model, operation)) throw errors.noModelAccess(call.model, verbs[operation]);
}

function existingIds(call: MethodCall): readonly number[] {
  const ids = calledIds(call);
  const missing = ids.find((id) => !call.database.table(call.model).exists(id));
  if (missing !== undefined) throw errors.missing(call.model, missing, call.user.uid);
  return ids;
}

type Values = Readonly<Record<string, unknown>>;

/** Creates one record (answers its id) or a list of them (answers their ids), in one transaction. */
export function create(call: MethodCall): MethodAnswer {
  mustBeAllowed(call, 'create');
  const given = call.parameters.vals_list;
  const many = Array.isArray(given);
  const list = (many ? given : [given ?? {}]) as readonly Values[];
  const transaction = call.database.begin();
  const ids = list.map((values) => {
    if (call.model === 'res.partner' && !values.name) {
      throw new OdooError(
        'odoo.exceptions.ValidationError',
        'The operation cannot be completed: Contacts require a name',
      );
    }
    return transaction.create(call.model, 1, { values })[0]!;
  });
  transaction.commit();
  return answer(call, many ? ids : ids[0], ids.length);
}

export function write(call: MethodCall): MethodAnswer {
  // A record that is gone is told before a right that lacks, as recorded.
  const ids = existingIds(call);
  mustBeAllowed(call, 'write');
  const values = (call.parameters.vals ?? {}) as Values;
  const archived = values.active === undefined ? {} : { archived: values.active === false };
  call.database.write(call.model, ids, { values, ...archived });
  return answer(call, true, ids.length);
}

export function unlink(call: MethodCall): MethodAnswer {
  mustBeAllowed(call, 'unlink');
  const ids = existingIds(call);
  call.database.unlink(call.model, ids);
  return answer(call, true, ids.length);
}

/** action_archive and action_unarchive: None, as on the real server when all is well. */
export const setArchived =
  (archived: boolean) =>
  (call: MethodCall): MethodAnswer => {
    mustBeAllowed(call, 'write');
    const ids = existingIds(call).filter((id) => call.database.table(call.model).archived(id) !== archived);
    if (ids.length > 0) call.database.archive(call.model, ids, { archived });
    return { json: undefined, rows: 0 };
  };
