/**
 * The modules that are mirrored: the one place that knows an Odoo model. A fifth module is one more entry here.
 *
 * `fields` exist in Odoo 14 and 19 alike, `versionFields` in some versions only; both are intersected with what the
 * server's `fields_get` offers, so that 41 to 48 are requested of a server that has them all. Nothing that opens a
 * door is ever listed (`signup_token`, an employee's `pin` and badge `barcode`).
 *
 * `volatile` fields are stored but left out of the content hash: they differ at every read of an unchanged record
 * (`expected_date` is computed from the second of the request).
 */
export interface ModuleDefinition {
  /** Odoo's model name. */
  readonly model: string;
  /** Terms that every request of this module carries. */
  readonly baseDomain: Domain;
  /** MongoDB collection that holds the mirror. */
  readonly collection: string;
  readonly fields: readonly string[];
  readonly versionFields: readonly string[];
  readonly volatile: readonly string[];
  /** Much of it changes without a word in `write_date`: each audit reads all of it in full. */
  readonly silent?: true;
}

export type DomainTerm = readonly [field: string, operator: string, value: unknown];
/** Terms joined by AND. */
export type Domain = readonly DomainTerm[];

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const MODULES = {
  saleOrders: {
    model: 'sale.order',
    baseDomain: [],
    collection: 'odoosaleorders',
    fields: words(`
      id name display_name state date_order validity_date commitment_date expected_date
      client_order_ref origin reference partner_id partner_invoice_id partner_shipping_id user_id
      team_id company_id pricelist_id currency_id currency_rate payment_term_id fiscal_position_id
      order_line tag_ids note amount_untaxed amount_tax amount_total amount_undiscounted
      invoice_status invoice_count invoice_ids require_signature require_payment signed_by signed_on
      campaign_id medium_id source_id sale_order_template_id type_name create_date create_uid
      write_date write_uid
    `),
    versionFields: words('locked prepayment_percent analytic_account_id sale_order_option_ids'),
    volatile: ['expected_date'],
  },
  invoices: {
    model: 'account.move',
    baseDomain: [
      [
        'move_type',
        'in',
        ['out_invoice', 'out_refund', 'in_invoice', 'in_refund', 'out_receipt', 'in_receipt'],
      ],
    ],
    collection: 'odooinvoices',
    fields: words(`
      id name display_name move_type state date ref narration journal_id company_id currency_id
      company_currency_id partner_id commercial_partner_id partner_shipping_id partner_bank_id
      fiscal_position_id invoice_user_id team_id invoice_date invoice_date_due
      invoice_payment_term_id invoice_origin invoice_line_ids line_ids payment_reference
      payment_state reversed_entry_id amount_untaxed amount_tax amount_total amount_residual
      amount_untaxed_signed amount_tax_signed amount_total_signed amount_residual_signed
      invoice_partner_display_name is_move_sent posted_before campaign_id medium_id source_id
      create_date create_uid write_date write_uid
    `),
    versionFields: words('delivery_date origin_payment_id payment_id to_check'),
    volatile: [],
  },
  contacts: {
    model: 'res.partner',
    baseDomain: [],
    collection: 'odoocontacts',
    fields: words(`
      id name display_name active type is_company company_type parent_id commercial_partner_id
      commercial_company_name company_name company_id ref vat lang tz email email_normalized phone
      website function street street2 city zip state_id country_id industry_id category_id child_ids
      bank_ids user_id comment color customer_rank supplier_rank credit_limit
      property_payment_term_id property_account_position_id property_product_pricelist partner_share
      employee create_date create_uid write_date write_uid
    `),
    versionFields: words('complete_name company_registry mobile title'),
    volatile: [],
  },
  employees: {
    model: 'hr.employee',
    baseDomain: [],
    collection: 'odooemployees',
    fields: words(`
      id name display_name active company_id resource_id resource_calendar_id user_id department_id
      job_id job_title parent_id coach_id child_ids category_ids work_phone mobile_phone work_email
      address_id tz country_id identification_id passport_id permit_no visa_no visa_expire birthday
      place_of_birth country_of_birth marital spouse_complete_name spouse_birthdate children
      certificate study_field study_school emergency_contact emergency_phone km_home_work
      departure_description color create_date create_uid write_date write_uid
    `),
    versionFields: words('sex work_location_id employee_type gender work_location address_home_id'),
    volatile: [],
    // In Odoo 19 most of an employee is in another model, whose date isn't shown.
    silent: true,
  },
} as const satisfies Record<string, ModuleDefinition>;

export type ModuleName = keyof typeof MODULES;

/** In the order in which turns alternate. */
export const MODULE_NAMES = Object.keys(MODULES) as readonly ModuleName[];

/** The definition of a module. */
export const moduleOf = (name: ModuleName): ModuleDefinition => MODULES[name];

/** Whether a text from outside names a module. */
export const isModuleName = (text: string): text is ModuleName => Object.hasOwn(MODULES, text);

/** Every field this code would like of a module, before the server's `fields_get` has its say. */
export const wantedFields = (name: ModuleName): readonly string[] => [
  ...MODULES[name].fields,
  ...MODULES[name].versionFields,
];
