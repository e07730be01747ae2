import type { FieldInfo, ModelName } from './fieldTable.js';
import type { Render } from './generate/row.js';
import type { JsonWriter } from './pythonJson.js';

/** What a record made through the API has where nobody gave a value: Odoo's defaults of a few fields, else the empty value of the type. */
const DEFAULTS: Partial<Record<ModelName, Readonly<Record<string, unknown>>>> = {
  'res.partner': {
    lang: 'en_US',
    type: 'contact',
    company_type: 'person',
    autopost_bills: 'ask',
    partner_share: true,
  },
  'sale.order': {
    state: 'draft',
    invoice_status: 'no',
    type_name: 'Quotation',
    company_id: [1, 'YourCompany'],
    currency_id: [1, 'USD'],
  },
  'account.move': {
    state: 'draft',
    name: '/',
    display_name: '/',
    move_type: 'entry',
    company_id: [1, 'YourCompany'],
    currency_id: [1, 'USD'],
  },
  'hr.employee': { marital: 'single', company_id: [1, 'YourCompany'], tz: 'Europe/Brussels' },
};
/** These follow the record itself, written or not. */
const LIVE = new Set(['id', 'active', 'create_date', 'write_date', '__last_update']);

export function blankRender(
  model: ModelName,
  name: string,
  field: FieldInfo,
  live: Render,
  write: JsonWriter,
): Render {
  if (LIVE.has(name)) return live;
  const given =
    name === 'create_uid' || name === 'write_uid' ? [2, 'Mitchell Admin'] : DEFAULTS[model]?.[name];
  const text = given === undefined ? emptyText(field.type) : write(given);
  return () => text;
}

/** The JSON of an empty value of a type. */
export function emptyText(type: string): string {
  if (type === 'integer') return '0';
  if (type === 'float' || type === 'monetary') return '0.0';
  return type === 'one2many' || type === 'many2many' || type === 'properties' ? '[]' : 'false';
}
