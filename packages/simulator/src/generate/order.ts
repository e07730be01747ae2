import type { JsonWriter } from '../pythonJson.js';
import { draw } from '../random.js';
import { secondText } from '../timestamps.js';
import {
  amountText,
  constant,
  dayAround,
  idList,
  numbered,
  revised,
  secondAround,
  sometimes,
  stable,
} from './fragments.js';
import type { PartnerNames } from './partner.js';
import * as pools from './pools.js';
import type { Render, Row } from './row.js';

const STATES = ['draft', 'sent', 'sale', 'sale', 'sale', 'cancel'] as const;

/** What the fields of sale.order look like. */
export function orderRenders(write: JsonWriter, names: PartnerNames): Record<string, Render> {
  const customer = (row: Row, salt: number): string => {
    const id = 1 + (draw(row.stable, salt) % row.world.partners);
    return `[${id}, "${names.display(row.world, id)}"]`;
  };
  const name: Render = (row) => `"S${row.id < 10_000 ? `${row.id}`.padStart(5, '0') : row.id}"`;
  const net = (row: Row): number => draw(row.revised, 3) % 2_000_000;
  const tax = (row: Row): number => Math.round(net(row) * 0.21);
  const state = (row: Row): string => STATES[draw(row.revised, 1) % STATES.length]!;
  return {
    name,
    display_name: name,
    state: revised(1, STATES, write),
    date_order: secondAround(4, 0),
    validity_date: sometimes(5, 50, dayAround(5, 60)),
    commitment_date: sometimes(6, 20, secondAround(6, 30 * 86_400)),
    // Unstored: a quotation's is the second of the request, so it differs at every reading.
    expected_date: (row) =>
      state(row) === 'draft' || state(row) === 'sent'
        ? `"${secondText(row.nowSecond)}"`
        : `"${secondText(row.createdSecond)}"`,
    client_order_ref: sometimes(7, 30, numbered(7, 'PO "', '"', write)),
    origin: sometimes(8, 10, numbered(8, 'Web ', '', write)),
    reference: sometimes(9, 10, numbered(9, 'S', '', write)),
    partner_id: (row) => customer(row, 10),
    partner_invoice_id: (row) => customer(row, 10),
    partner_shipping_id: (row) => customer(row, draw(row.stable, 11) % 4 === 0 ? 12 : 10),
    user_id: sometimes(13, 90, stable(13, pools.USERS, write)),
    team_id: stable(14, pools.TEAMS, write),
    company_id: stable(
      15,
      [pools.COMPANIES[0], pools.COMPANIES[0], pools.COMPANIES[0], pools.COMPANIES[1]],
      write,
    ),
    pricelist_id: sometimes(16, 40, stable(16, pools.PRICELISTS, write)),
    currency_id: stable(17, pools.CURRENCIES, write),
    currency_rate: constant(1, write),
    payment_term_id: sometimes(18, 70, stable(18, pools.PAYMENT_TERMS, write)),
    fiscal_position_id: sometimes(19, 50, stable(19, pools.FISCAL_POSITIONS, write)),
    order_line: idList(20, 5),
    tag_ids: revised(21, [[], [], [2], [1, 3]], write),
    note: revised(22, [false, false, '', ...pools.HTML_TEXTS], write),
    amount_untaxed: (row) => amountText(net(row)),
    amount_tax: (row) => amountText(tax(row)),
    amount_total: (row) => amountText(net(row) + tax(row)),
    amount_undiscounted: (row) => amountText(net(row)),
    invoice_status: revised(23, ['no', 'to invoice', 'invoiced', 'upselling'], write),
    invoice_count: (row) => `${draw(row.revised, 24) % 3}`,
    invoice_ids: revised(24, [[], [57], [58, 61]], write),
    require_signature: constant(true, write),
    require_payment: stable(25, [true, false], write),
    signed_by: sometimes(26, 10, stable(26, pools.FIRST_NAMES, write)),
    signed_on: sometimes(26, 10, secondAround(27, 5 * 86_400)),
    campaign_id: sometimes(28, 20, stable(28, pools.CAMPAIGNS, write)),
    medium_id: sometimes(29, 20, stable(29, pools.MEDIUMS, write)),
    source_id: sometimes(30, 20, stable(30, pools.SOURCES, write)),
    sale_order_template_id: constant(false, write),
    type_name: (row) => (state(row) === 'sale' ? '"Sales Order"' : '"Quotation"'),
  };
}
