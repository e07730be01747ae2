import { readFileSync } from 'node:fs';

/**
 * What must be mirrored, told a second time on purpose: the oracle shares no code with the engine, so that a slip in the
 * engine's own table shows as a difference.
 */
export interface OracleModule {
  readonly name: string;
  readonly model: string;
  readonly collection: string;
  readonly domain: readonly (readonly [string, string, unknown])[];
  /** Fields that must be mirrored wherever the server offers them. */
  readonly fields: readonly string[];
  /** Differ at every read of an unchanged record. */
  readonly volatile: readonly string[];
}

const wanted = JSON.parse(
  readFileSync(new URL('../../data/module-fields.json', import.meta.url), 'utf8'),
) as Record<string, string[]>;
const fieldsOf = (model: string): readonly string[] => {
  const fields = wanted[model];
  if (!fields) throw new Error(`module-fields.json knows no ${model}`);
  return fields;
};

const INVOICE_TYPES = ['out_invoice', 'out_refund', 'in_invoice', 'in_refund', 'out_receipt', 'in_receipt'];

export const ORACLE_MODULES: readonly OracleModule[] = [
  {
    name: 'saleOrders',
    model: 'sale.order',
    collection: 'odoosaleorders',
    domain: [],
    fields: fieldsOf('sale.order'),
    volatile: ['expected_date'],
  },
  {
    name: 'invoices',
    model: 'account.move',
    collection: 'odooinvoices',
    domain: [['move_type', 'in', INVOICE_TYPES]],
    fields: fieldsOf('account.move'),
    volatile: [],
  },
  {
    name: 'contacts',
    model: 'res.partner',
    collection: 'odoocontacts',
    domain: [],
    fields: fieldsOf('res.partner'),
    volatile: [],
  },
  {
    name: 'employees',
    model: 'hr.employee',
    collection: 'odooemployees',
    domain: [],
    fields: fieldsOf('hr.employee'),
    volatile: [],
  },
];
