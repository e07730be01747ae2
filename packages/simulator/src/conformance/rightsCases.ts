import { beforeAll, describe, expect, test } from '@jest/globals';
import { type ConformanceClient, logIn } from './client.js';
import type { Bench } from './workbench.js';

/** What an employee without any further group may do. */
export function describeRights(bench: Bench): void {
  describe('rights of the administrator', () => {
    test('check_access_rights and has_access say yes', async () => {
      const { client } = bench();
      for (const model of ['res.partner', 'sale.order', 'account.move', 'hr.employee']) {
        expect(await client.call(model, 'check_access_rights', ['read', false])).toBe(true);
        expect(await client.call(model, 'has_access', [[], 'read'])).toBe(true);
      }
    });
  });
  test('the UUID of a database is told to an administrator', async () => {
    const { client } = bench();
    const uuid = await client.call('ir.config_parameter', 'get_param', ['database.uuid']);
    expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await client.call('ir.config_parameter', 'get_param', ['no.such.parameter'])).toBe(false);
  });

  describe('rights of a limited user', () => {
    let limited: ConformanceClient;
    beforeAll(async () => {
      const { target } = bench().client;
      limited = await logIn(target, target.limited.login, target.limited.password);
    });

    test.each(['sale.order', 'account.move'])(
      '%s is closed: access says no, reading is an AccessError',
      async (model) => {
        expect(await limited.call(model, 'check_access_rights', ['read', false])).toBe(false);
        expect(await limited.call(model, 'has_access', [[], 'read'])).toBe(false);
        for (const method of ['search_read', 'search', 'search_count']) {
          const { data } = await limited.refusal(model, method, [[]]);
          expect(data.name).toBe('odoo.exceptions.AccessError');
          expect(data.message).toContain(`(${model}) records.`);
        }
      },
    );

    test('the UUID of the database is not told', async () => {
      const { data } = await limited.refusal('ir.config_parameter', 'get_param', ['database.uuid']);
      expect(data.name).toBe('odoo.exceptions.AccessError');
    });

    test('contacts are open, all but one field', async () => {
      expect(await limited.call('res.partner', 'check_access_rights', ['read', false])).toBe(true);
      expect(await limited.call('res.partner', 'has_access', [[], 'write'])).toBe(false);
      const fields = await limited.call<object>('res.partner', 'fields_get', [], { attributes: ['type'] });
      expect(fields).toHaveProperty('name');
      expect(fields).not.toHaveProperty('credit_limit');
      const { data } = await limited.refusal('res.partner', 'search_read', [[], ['id', 'credit_limit']], {
        limit: 1,
      });
      expect(data.name).toBe('odoo.exceptions.AccessError');
      expect(data.message).toMatch(
        /^You do not have enough rights to access the field "credit_limit" on Contact \(res\.partner\)\./,
      );
      expect(
        await limited.call<object[]>('res.partner', 'search_read', [[], ['name']], { limit: 1 }),
      ).toHaveLength(1);
    });

    test('an unknown field is told before a forbidden one that follows', async () => {
      const { data } = await limited.refusal(
        'res.partner',
        'search_read',
        [[], ['no_such', 'credit_limit']],
        { limit: 1 },
      );
      expect(data.name).toBe('builtins.ValueError');
    });

    test('private data of employees is left out of fields_get and refused', async () => {
      const fields = await limited.call<object>('hr.employee', 'fields_get', [], { attributes: ['type'] });
      expect(fields).not.toHaveProperty('birthday');
      const { data } = await limited.refusal('hr.employee', 'search_read', [[], ['id', 'birthday']], {
        limit: 1,
      });
      expect(data).toMatchObject({
        name: 'odoo.exceptions.AccessError',
        message:
          'The fields “birthday”, which you are trying to read, are not available for employee public profiles.',
      });
      expect(
        await limited.call<object[]>('hr.employee', 'search_read', [[], ['name', 'write_date']], {
          limit: 1,
        }),
      ).toHaveLength(1);
    });

    test('writing is an AccessError', async () => {
      const { data } = await limited.refusal('res.partner', 'write', [[1], { comment: 'x' }]);
      expect(data.name).toBe('odoo.exceptions.AccessError');
      expect(data.message).toContain("You are not allowed to modify 'Contact' (res.partner) records.");
    });
  });
}
