import { emptyText } from './blank.js';
import type { FieldInfo, FieldTable, ModelName } from './fieldTable.js';
import { OdooError } from './odooError.js';
import { type JsonWriter, parseBytes } from './pythonJson.js';
import { withoutScripts } from './withoutScripts.js';

/** How the name shown with a many2one is found; undefined when there is no such record. */
export type NameOf = (relation: string, id: number) => string | undefined;

/** What a value is written with. */
export interface Writing {
  readonly write: JsonWriter;
  readonly nameOf: NameOf;
  /** The text of a field before the write. */
  readonly current: (field: string) => string;
}

/** Values given by a writer, as JSON text by field, with the computed fields that follow from them. */
export function encodeValues(
  model: ModelName,
  fields: FieldTable,
  given: Readonly<Record<string, unknown>>,
  writing: Writing,
): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const field = fields[name];
    if (field === undefined)
      throw new OdooError('builtins.ValueError', `Invalid field '${name}' in '${model}'`);
    if (name === 'active' || name === 'id' || name === 'write_date' || name === 'create_date') continue;
    texts.set(name, encode(name, field, value, writing));
  }
  if (model === 'res.partner') followPartner(texts, writing);
  else if (texts.has('name')) texts.set('display_name', texts.get('name')!);
  return texts;
}

function encode(name: string, field: FieldInfo, value: unknown, { write, nameOf, current }: Writing): string {
  switch (field.type) {
    case 'many2one': {
      if (typeof value !== 'number') return 'false';
      return write([value, nameOf(field.relation ?? '', value) ?? `${field.string} ${value}`]);
    }
    case 'one2many':
    case 'many2many':
      return write(applyCommands(parseBytes(current(name)) as number[], value));
    case 'float':
    case 'monetary':
      return Number.isInteger(value) ? `${String(value)}.0` : write(value ?? 0);
    case 'html':
      return typeof value === 'string' && value !== '' ? write(sanitize(value)) : write(value ?? false);
    default:
      return value === false || value === null ? emptyText(field.type) : write(value);
  }
}

/** Odoo's x2many commands: 6 replaces, 5 empties, 4 links, 3 and 2 unlink. */
function applyCommands(before: readonly number[], commands: unknown): number[] {
  let ids = [...before];
  for (const command of Array.isArray(commands) ? commands : []) {
    if (typeof command === 'number') ids.push(command);
    if (!Array.isArray(command)) continue;
    const [verb, id, list] = command as [number, number, number[] | undefined];
    if (verb === 6) ids = [...(list ?? [])];
    else if (verb === 5) ids = [];
    else if (verb === 4) ids.push(id);
    else if (verb === 3 || verb === 2) ids = ids.filter((known) => known !== id);
  }
  return [...new Set(ids)];
}

const isControl = (code: number): boolean => code < 32 && code !== 9 && code !== 10 && code !== 13;

/** What little of Odoo's sanitizing can be seen in plain notes: scripts and control characters go, bare text gets a paragraph. */
function sanitize(html: string): string {
  const clean = [...withoutScripts(html)].filter((c) => !isControl(c.charCodeAt(0))).join('');
  return clean.trimStart().startsWith('<') ? clean : `<p>${clean}</p>`;
}

function followPartner(texts: Map<string, string>, { write, nameOf, current }: Writing): void {
  const now = (field: string): unknown => parseBytes(texts.get(field) ?? current(field));
  if (texts.has('email')) {
    const email = now('email');
    texts.set('email_normalized', write(typeof email === 'string' ? email.toLowerCase() : false));
  }
  if (texts.has('is_company'))
    texts.set('company_type', now('is_company') === true ? '"company"' : '"person"');
  else if (texts.has('company_type'))
    texts.set('is_company', now('company_type') === 'company' ? 'true' : 'false');
  if (!texts.has('name') && !texts.has('parent_id')) return;
  const parent = now('parent_id') as readonly [number, string] | false;
  const name = String(now('name'));
  const display = (parent === false ? name : `${parent[1]}, ${name}`).trim();
  texts.set('display_name', write(display));
  texts.set('complete_name', write(display));
  if (parent !== false)
    texts.set('commercial_partner_id', write([parent[0], nameOf('res.partner', parent[0]) ?? parent[1]]));
}
