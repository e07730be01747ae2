import { type FieldList, knownNames, type SourceRecord, SyncError } from '@odoo-sync/core';

const ENGINES: readonly string[] = ['', '_id', 'userId', 'odooId'];

/** Names that no field of Odoo may have in the mirror: the engine's own, and what MongoDB reads as an operator or a path. */
export const isReserved = (name: string): boolean =>
  ENGINES.includes(name) ||
  name.startsWith('_sync') ||
  name.startsWith('$') ||
  name.includes('.') ||
  name.includes('\0');

/**
 * The second wall, behind the gate where answers come in: a record is stored with fields of its list only, none of them the engine's
 * own. Any other field is a bug of the engine, and is not written.
 * @returns a check of one record, which throws SyncError `bug`.
 */
export function namesChecked({ fields }: FieldList): (record: SourceRecord) => void {
  const names = new Set(fields.map(({ name }) => name));
  const reserved = [...names].find(isReserved);
  if (reserved !== undefined)
    throw new SyncError('bug', `a field list holds the name ${JSON.stringify(reserved)}, which is reserved`);
  const areListed = knownNames((own) => own.every((name) => names.has(name)));
  return ({ odooId, fields: values }) => {
    if (areListed(values)) return;
    const foreign = Object.keys(values).find((name) => !names.has(name)) ?? '';
    throw new SyncError(
      'bug',
      `record ${odooId} was to be written with a field that isn't in its list: ${JSON.stringify(foreign.slice(0, 100))}`,
    );
  };
}
