import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isModuleName, MODULE_NAMES, MODULES, moduleOf, wantedFields } from './modules.js';

const readJson = <T>(path: string): T =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;
const MUST_BE_MIRRORED = readJson<Record<string, readonly string[]>>('../../e2e/data/module-fields.json');
const offeredBy = (version: string) =>
  readJson<Record<string, Record<string, unknown>>>(
    `../../odoo/fixtures/odoo${version}/fields_get_4_models.json`,
  );
const OPENS_A_DOOR =
  /signup|token|^pin$|^barcode$|password|totp|api_key|^access_|credential|secret|bank_account|ssnid|sinid/;

describe.each(MODULE_NAMES)('%s', (name) => {
  const module = moduleOf(name);

  test('wants every field that has to be mirrored', () => {
    expect(MUST_BE_MIRRORED[module.model]?.length).toBeGreaterThan(40);
    expect(wantedFields(name)).toEqual(expect.arrayContaining([...(MUST_BE_MIRRORED[module.model] ?? [])]));
  });

  test.each(['14', '19'])('asks Odoo %s for 41 to 48 fields, and for all of its own list', (version) => {
    const offered = Object.keys(offeredBy(version)[module.model] ?? {});
    expect(offered).toEqual(expect.arrayContaining([...module.fields]));
    const asked = wantedFields(name).filter((field) => offered.includes(field));
    expect(asked.length).toBeGreaterThanOrEqual(41);
    expect(asked.length).toBeLessThanOrEqual(48);
  });

  test('each of its version fields is offered by a version', () => {
    const offered = ['14', '19'].flatMap((version) => Object.keys(offeredBy(version)[module.model] ?? {}));
    expect(offered).toEqual(expect.arrayContaining([...module.versionFields]));
  });

  test('wants nothing twice, and nothing that opens a door', () => {
    const wanted = wantedFields(name);
    expect(new Set(wanted).size).toBe(wanted.length);
    expect(wanted.filter((field) => OPENS_A_DOOR.test(field))).toEqual([]);
  });

  test('has what paging and windows need, and hashes it', () => {
    expect(module.fields).toEqual(expect.arrayContaining(['id', 'write_date']));
    for (const field of module.volatile) expect(wantedFields(name)).toContain(field);
    expect(module.volatile).not.toContain('write_date');
  });
});

test('each module has its model and its collection', () => {
  const models = Object.values(MODULES).map(({ model, collection }) => [model, collection]);
  expect(models).toEqual([
    ['sale.order', 'odoosaleorders'],
    ['account.move', 'odooinvoices'],
    ['res.partner', 'odoocontacts'],
    ['hr.employee', 'odooemployees'],
  ]);
});

test('only invoices have a base domain: invoices, refunds and receipts, no entries', () => {
  expect(MODULES.invoices.baseDomain).toEqual([
    [
      'move_type',
      'in',
      ['out_invoice', 'out_refund', 'in_invoice', 'in_refund', 'out_receipt', 'in_receipt'],
    ],
  ]);
  for (const name of MODULE_NAMES) if (name !== 'invoices') expect(moduleOf(name).baseDomain).toEqual([]);
});

test('the second of the request is no change of a sale order', () => {
  expect(MODULES.saleOrders.volatile).toEqual(['expected_date']);
});

test('isModuleName knows the modules, and none of what every object has', () => {
  expect(MODULE_NAMES.every(isModuleName)).toBe(true);
  expect(['leads', 'constructor', '__proto__', 'toString', ''].some(isModuleName)).toBe(false);
});
