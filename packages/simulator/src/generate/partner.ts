import type { JsonWriter } from '../pythonJson.js';
import { draw } from '../random.js';
import { constant, idList, numbered, revised, sometimes, stable } from './fragments.js';
import { personNames } from './personNames.js';
import * as pools from './pools.js';
import { type Render, type Row, stableNumber, type World } from './row.js';

const COMPANY_SHARE = 4;
const isCompany = (seed: number): boolean => draw(seed, 1) % COMPANY_SHARE === 0;

/** Names of contacts as JSON text without the quotes, so that others can put them into theirs. */
export interface PartnerNames {
  bare(seed: number, id: number): string;
  /** The company a person belongs to, if any: an older contact that is a company. */
  parentOf(world: World, seed: number, id: number): number | undefined;
  display(world: World, id: number): string;
}

export function partnerNames(write: JsonWriter): PartnerNames {
  const inner = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => write(text).slice(1, -1));
  const person = personNames(write);
  const words = inner(pools.COMPANY_WORDS);
  const endings = inner(pools.COMPANY_ENDINGS);
  const bare = (seed: number, id: number): string =>
    isCompany(seed) ? `${words[draw(seed, 2) & 15]} ${endings[draw(seed, 3) & 15]} ${id}` : person(seed);
  const parentOf = (world: World, seed: number, id: number): number | undefined => {
    if (isCompany(seed) || id < 3) return undefined;
    const parent = 1 + (draw(seed, 6) % (id - 1));
    return isCompany(stableNumber(world, 'res.partner', parent)) ? parent : undefined;
  };
  // Several fields of a record name the same contact: the last one is remembered.
  let last: { world: World; id: number; text: string } | undefined;
  const display = (world: World, id: number): string => {
    if (last === undefined || last.id !== id || last.world !== world)
      last = { world, id, text: compose(world, id) };
    return last.text;
  };
  const compose = (world: World, id: number): string => {
    const seed = stableNumber(world, 'res.partner', id);
    const parent = parentOf(world, seed, id);
    const own = bare(seed, id);
    return parent === undefined ? own : `${bare(stableNumber(world, 'res.partner', parent), parent)}, ${own}`;
  };
  return { bare, parentOf, display };
}

/** What the fields of res.partner look like; every version-only field not named here gets a value by its type. */
export function partnerRenders(write: JsonWriter, names: PartnerNames): Record<string, Render> {
  const link = (row: Row, id: number): string => `[${id}, "${names.display(row.world, id)}"]`;
  const topOf = (row: Row): number => names.parentOf(row.world, row.stable, row.id) ?? row.id;
  const emailOf = (row: Row): string => `contact${row.id}.${(draw(row.stable, 7) % 90) + 10}@example.com`;
  const company = (row: Row): boolean => isCompany(row.stable);
  return {
    name: (row) => `"${names.bare(row.stable, row.id)}"`,
    display_name: (row) => `"${names.display(row.world, row.id)}"`,
    complete_name: (row) => `"${names.display(row.world, row.id)}"`,
    active: (row) => (row.active ? 'true' : 'false'),
    type: stable(8, ['contact', 'contact', 'contact', 'invoice', 'delivery', 'other'], write),
    is_company: (row) => (company(row) ? 'true' : 'false'),
    company_type: (row) => (company(row) ? '"company"' : '"person"'),
    parent_id: (row) => {
      const parent = names.parentOf(row.world, row.stable, row.id);
      return parent === undefined ? 'false' : link(row, parent);
    },
    commercial_partner_id: (row) => link(row, topOf(row)),
    commercial_company_name: (row) => {
      const top = topOf(row);
      const seed = stableNumber(row.world, 'res.partner', top);
      return isCompany(seed) ? `"${names.bare(seed, top)}"` : 'false';
    },
    company_name: sometimes(9, 5, numbered(9, 'Company ', '', write)),
    company_id: sometimes(10, 15, stable(11, pools.COMPANIES, write)),
    ref: (row) =>
      draw(row.stable, 12) % 10 < 6
        ? 'false'
        : draw(row.stable, 12) % 10 < 8
          ? '""'
          : `"REF-${row.id}-${row.revision}"`,
    vat: sometimes(13, 35, numbered(13, 'BE0', '', write)),
    lang: stable(14, ['en_US', 'en_US', 'fr_FR', 'de_DE', false], write),
    tz: sometimes(15, 40, stable(15, pools.TIME_ZONES, write)),
    email: (row) => (draw(row.stable, 16) % 10 === 0 ? 'false' : `"${emailOf(row)}"`),
    email_normalized: (row) => (draw(row.stable, 16) % 10 === 0 ? 'false' : `"${emailOf(row)}"`),
    phone: sometimes(17, 80, numbered(17, '+1 555-', '', write)),
    website: sometimes(18, 30, numbered(18, 'http://www.example', '.com/?a=1&b="2"', write)),
    function: (row) => (company(row) ? 'false' : jobTitle(row)),
    street: sometimes(19, 85, stable(20, pools.STREETS, write)),
    street2: sometimes(21, 15, revised(21, ['Floor 2', 'Building B\nDoor 7', ''], write)),
    city: sometimes(19, 85, stable(22, pools.CITIES, write)),
    zip: sometimes(19, 85, (row) => `"${10_000 + (draw(row.stable, 23) % 89_999)}"`),
    state_id: sometimes(24, 30, stable(24, pools.STATES, write)),
    country_id: sometimes(19, 85, stable(25, pools.COUNTRIES, write)),
    industry_id: sometimes(26, 20, stable(26, pools.INDUSTRIES, write)),
    category_id: revised(27, [[], [], [], [1], [3, 1], [2, 6, 4]], write),
    child_ids: (row) => (company(row) ? childIds(row) : '[]'),
    bank_ids: idList(29, 1),
    user_id: sometimes(30, 40, stable(30, pools.USERS, write)),
    comment: sometimes(31, 25, revised(31, pools.HTML_TEXTS, write)),
    color: (row) => `${draw(row.revised, 32) % 12}`,
    customer_rank: (row) => `${draw(row.revised, 33) % 40}`,
    supplier_rank: (row) => `${draw(row.stable, 34) % 3}`,
    credit_limit: stable(35, [0, 0, 0, 1500.5, 20_000], write),
    property_payment_term_id: sometimes(36, 50, stable(36, pools.PAYMENT_TERMS, write)),
    property_account_position_id: sometimes(37, 20, stable(37, pools.FISCAL_POSITIONS, write)),
    property_product_pricelist: sometimes(38, 60, stable(38, pools.PRICELISTS, write)),
    partner_share: constant(true, write),
    employee: constant(false, write),
    additional_info: sometimes(39, 10, stable(39, pools.TEXTS, write)),
  };
}

const jobTitle: Render = (row) =>
  ['"Marketing Manager"', '"Production Supervisor"', 'false', '"Sales \\"Lead\\""', '"CEO"'][
    draw(row.stable, 40) % 5
  ]!;
const childIds = idList(28, 5);
