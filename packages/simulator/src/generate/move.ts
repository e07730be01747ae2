import type { JsonWriter } from '../pythonJson.js';
import { draw } from '../random.js';
import {
  amountText,
  constant,
  dayAround,
  idList,
  numbered,
  revised,
  sometimes,
  stable,
} from './fragments.js';
import type { PartnerNames } from './partner.js';
import * as pools from './pools.js';
import type { Render, Row } from './row.js';

/** Every fourth journal entry is no invoice at all: a module whose domain forgets that gets too much. */
const TYPES = [
  'out_invoice',
  'out_invoice',
  'in_invoice',
  'entry',
  'out_invoice',
  'out_refund',
  'entry',
  'in_refund',
  'out_invoice',
  'entry',
  'out_receipt',
  'in_receipt',
] as const;
const PREFIX: Readonly<Record<string, string>> = {
  out_invoice: 'INV',
  in_invoice: 'BILL',
  entry: 'MISC',
  out_refund: 'RINV',
  in_refund: 'RBILL',
  out_receipt: 'REC',
  in_receipt: 'PREC',
};
const STATES = ['draft', 'posted', 'posted', 'posted', 'cancel'] as const;

/** What the fields of account.move look like. */
export function moveRenders(write: JsonWriter, names: PartnerNames): Record<string, Render> {
  const type = (row: Row): string => TYPES[draw(row.stable, 1) % TYPES.length]!;
  const entry = (row: Row): boolean => type(row) === 'entry';
  const partner = (row: Row): string => {
    if (entry(row)) return 'false';
    const id = 1 + (draw(row.stable, 2) % row.world.partners);
    return `[${id}, "${names.display(row.world, id)}"]`;
  };
  const net = (row: Row): number => (entry(row) ? 0 : draw(row.stable, 3) % 5_000_000);
  const tax = (row: Row): number => Math.round(net(row) * 0.2);
  const sign = (row: Row): number => (type(row) === 'out_refund' || type(row) === 'in_invoice' ? -1 : 1);
  const open = (row: Row): number => (draw(row.revised, 4) % 2 === 0 ? 0 : net(row) + tax(row));
  const name: Render = (row) =>
    STATES[draw(row.revised, 5) % STATES.length] === 'draft'
      ? '"/"'
      : `"${PREFIX[type(row)]}/2026/${row.id < 10_000 ? `${row.id}`.padStart(5, '0') : row.id}"`;
  const onInvoice =
    (render: Render): Render =>
    (row) =>
      entry(row) ? 'false' : render(row);
  return {
    name,
    display_name: name,
    move_type: stable(1, TYPES, write),
    state: revised(5, STATES, write),
    date: dayAround(6, 30),
    ref: revised(7, [false, false, '', 'Vendor ref 12', 'Über "7"'], write),
    narration: sometimes(8, 20, revised(8, pools.HTML_TEXTS, write)),
    journal_id: stable(9, pools.JOURNALS, write),
    company_id: stable(10, [pools.COMPANIES[0], pools.COMPANIES[0], pools.COMPANIES[1]], write),
    currency_id: stable(11, pools.CURRENCIES, write),
    company_currency_id: constant(pools.CURRENCIES[0], write),
    partner_id: partner,
    commercial_partner_id: partner,
    partner_shipping_id: partner,
    partner_bank_id: constant(false, write),
    fiscal_position_id: sometimes(12, 40, stable(12, pools.FISCAL_POSITIONS, write)),
    invoice_user_id: onInvoice(stable(13, pools.USERS, write)),
    team_id: onInvoice(stable(14, pools.TEAMS, write)),
    invoice_date: onInvoice(dayAround(6, 30)),
    invoice_date_due: onInvoice(dayAround(15, 60)),
    invoice_payment_term_id: onInvoice(stable(16, pools.PAYMENT_TERMS, write)),
    invoice_origin: onInvoice(sometimes(17, 50, numbered(17, 'S', '', write))),
    invoice_line_ids: idList(18, 4),
    line_ids: idList(19, 6),
    payment_reference: onInvoice(sometimes(20, 60, numbered(20, '+++', '+++', write))),
    payment_state: revised(4, ['paid', 'not_paid'], write),
    reversed_entry_id: constant(false, write),
    amount_untaxed: (row) => amountText(net(row)),
    amount_tax: (row) => amountText(tax(row)),
    amount_total: (row) => amountText(net(row) + tax(row)),
    amount_residual: (row) => amountText(open(row)),
    amount_untaxed_signed: (row) => amountText(sign(row) * net(row)),
    amount_tax_signed: (row) => amountText(sign(row) * tax(row)),
    amount_total_signed: (row) => amountText(sign(row) * (net(row) + tax(row))),
    amount_residual_signed: (row) => amountText(sign(row) * open(row)),
    invoice_partner_display_name: (row) => (entry(row) ? '"#Created by: OdooBot"' : partnerName(row)),
    is_move_sent: revised(21, [false, true], write),
    posted_before: constant(true, write),
    campaign_id: sometimes(22, 10, stable(22, pools.CAMPAIGNS, write)),
    medium_id: sometimes(23, 10, stable(23, pools.MEDIUMS, write)),
    source_id: sometimes(24, 10, stable(24, pools.SOURCES, write)),
  };
  function partnerName(row: Row): string {
    return `"${names.display(row.world, 1 + (draw(row.stable, 2) % row.world.partners))}"`;
  }
}
