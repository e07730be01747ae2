import { checkAccessRights, fieldsGet, hasAccess } from './describe.js';
import { create, setArchived, unlink, write } from './edit.js';
import { formattedReadGroup, readGroup } from './group.js';
import type { Method } from './method.js';
import { read } from './read.js';
import { search, searchCount, searchRead } from './search.js';

const METHODS: Readonly<Record<string, Method & { readonly since?: number; readonly until?: number }>> = {
  search: { parameters: ['domain', 'offset', 'limit', 'order'], run: search },
  search_read: { parameters: ['domain', 'fields', 'offset', 'limit', 'order', 'load'], run: searchRead },
  search_count: { parameters: ['domain', 'limit'], run: searchCount },
  read: { parameters: ['fields', 'load'], onRecords: true, run: read },
  read_group: {
    parameters: ['domain', 'fields', 'groupby', 'offset', 'limit', 'orderby', 'lazy'],
    until: 19,
    run: readGroup,
  },
  formatted_read_group: {
    parameters: ['domain', 'groupby', 'aggregates', 'having', 'offset', 'limit', 'order'],
    since: 19,
    run: formattedReadGroup,
  },
  fields_get: { parameters: ['allfields', 'attributes'], run: fieldsGet },
  check_access_rights: { parameters: ['operation', 'raise_exception'], run: checkAccessRights },
  has_access: { parameters: ['operation'], onRecords: true, since: 18, run: hasAccess },
  create: { parameters: ['vals_list'], run: create },
  write: { parameters: ['vals'], onRecords: true, run: write },
  unlink: { parameters: [], onRecords: true, run: unlink },
  action_archive: { parameters: [], onRecords: true, run: setArchived(true) },
  action_unarchive: { parameters: [], onRecords: true, run: setArchived(false) },
};

/** A method by name, if this version has it. */
export function methodOf(name: string, version: number): Method | undefined {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method === undefined) return undefined;
  const { since = 0, until = Number.POSITIVE_INFINITY } = method;
  return since <= version && version <= until ? method : undefined;
}
