import { describe, test } from '@jest/globals';
import { describeConformance } from './conformance/describeConformance.js';
import { prepareRealTarget } from './conformance/realTarget.js';

const { ODOO_TEST_URL, ODOO_TEST_DB, ODOO_TEST_LOGIN, ODOO_TEST_PASSWORD, ODOO_TEST_API_KEY } = process.env;

if (ODOO_TEST_URL === undefined) {
  describe('a real Odoo 19', () => {
    test.skip('is not given: set ODOO_TEST_URL (with _DB, _LOGIN, _PASSWORD, _API_KEY)', () => undefined);
  });
} else {
  describeConformance('a real Odoo', () =>
    prepareRealTarget({
      url: ODOO_TEST_URL.replace(/\/$/, ''),
      db: ODOO_TEST_DB ?? 'odoo',
      login: ODOO_TEST_LOGIN ?? 'admin',
      password: ODOO_TEST_PASSWORD ?? 'admin',
      apiKey: ODOO_TEST_API_KEY,
    }),
  );
}
