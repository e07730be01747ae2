import * as pools from './generate/pools.js';

/** Small models that only have names: what many2one and x2many fields point at. */
const STATIC: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  'res.country': pools.COUNTRIES,
  'res.country.state': pools.STATES,
  'res.company': pools.COMPANIES,
  'res.users': pools.USERS,
  'res.lang': [[1, 'English (US)']],
  'res.partner.category': pools.CATEGORIES,
  'res.partner.industry': pools.INDUSTRIES,
  'account.payment.term': pools.PAYMENT_TERMS,
  'hr.department': pools.DEPARTMENTS,
  'ir.config_parameter': [],
};

/** `[id, name]` of every record of a small model, or undefined when it is none. */
export function staticRecords(model: string): readonly (readonly [number, string])[] | undefined {
  return STATIC[model];
}
