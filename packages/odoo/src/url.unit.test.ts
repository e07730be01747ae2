import { describe, expect, test } from '@jest/globals';
import { addressOf, normalizeOdooUrl } from './url.js';

describe('normalizeOdooUrl', () => {
  test.each([
    ['https://odoo.example.com', 'https://odoo.example.com'],
    ['https://odoo.example.com/', 'https://odoo.example.com'],
    ['https://odoo.example.com///', 'https://odoo.example.com'],
    ['  https://odoo.example.com\n', 'https://odoo.example.com'],
    ['HTTPS://Odoo.Example.COM', 'https://odoo.example.com'],
    ['https://odoo.example.com:443', 'https://odoo.example.com'],
    ['http://odoo.example.com:80/', 'http://odoo.example.com'],
    ['http://odoo.example.com:8069/', 'http://odoo.example.com:8069'],
    ['https://example.com/erp/', 'https://example.com/erp'],
    ['https://example.com/ERP', 'https://example.com/ERP'],
    ['http://[::1]:8069', 'http://[::1]:8069'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('takes %j as %s', (text, normal) => {
    expect(normalizeOdooUrl(text)).toBe(normal);
    expect(normalizeOdooUrl(normal)).toBe(normal);
  });

  test.each([
    ['', /no URL/],
    ['odoo.example.com', /no URL/],
    ['https://', /no URL/],
    ['ftp://odoo.example.com', /begins with ftp:/],
    ['file:///etc/passwd', /begins with file:/],
    ['https://odoo.example.com/?db=acme', /a query or a fragment/],
    ['https://odoo.example.com/#action=1', /a query or a fragment/],
  ])('refuses %j', (text, message) => {
    expect(() => normalizeOdooUrl(text)).toThrow(
      expect.objectContaining({ kind: 'configuration', message: expect.stringMatching(message) }),
    );
  });

  test('takes time linear to the length of slashes within', () => {
    const url = `https://odoo.example.com/a${'/'.repeat(1_000_000)}b`;
    const began = performance.now();
    expect(normalizeOdooUrl(`${url}//`)).toBe(url);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('refuses a login in the URL, and does not repeat it', () => {
    expect(() => normalizeOdooUrl('https://admin:hunter2@odoo.example.com')).toThrow(
      expect.objectContaining({ kind: 'configuration', message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('the address of an Odoo', () => {
  test.each([
    ['https://erp.example.com/web', 'https://erp.example.com'],
    ['https://erp.example.com/odoo', 'https://erp.example.com'],
    ['https://erp.example.com/odoo/', 'https://erp.example.com'],
    ['https://erp.example.com/odoo/contacts/7?debug=1', 'https://erp.example.com'],
    ['https://erp.example.com/web/login', 'https://erp.example.com'],
    ['https://erp.example.com/fr/web/login?redirect=%2Fodoo', 'https://erp.example.com'],
    [
      'https://erp.example.com/web#action=117&model=sale.order&view_type=list&cids=1',
      'https://erp.example.com',
    ],
    ['https://erp.example.com:8443/my/home', 'https://erp.example.com:8443'],
    ['https://erp.example.com/jsonrpc', 'https://erp.example.com'],
    ['https://erp.example.com/json/2/res.partner/search', 'https://erp.example.com'],
    ['https://erp.example.com/#action=1', 'https://erp.example.com'],
    ['https://example.com/erp/web/database/selector', 'https://example.com/erp'],
    ['https://example.com/erp', 'https://example.com/erp'],
    ['https://example.com/webshop/odoo', 'https://example.com/webshop'],
  ])('is read off %s', (text, url) => {
    expect(addressOf(text, 'acme')).toEqual({ url, db: 'acme' });
  });

  test.each([
    'https://erp.example.com/web/login?db=acme',
    'https://erp.example.com/web?db=acme#action=117',
    'https://erp.example.com/web#action=117&db=acme',
    'https://erp.example.com/odoo?db=acme',
    'https://erp.example.com/?db=acme',
  ])('has the database that %s names', (text) => {
    expect(addressOf(text)).toEqual({ url: 'https://erp.example.com', db: 'acme' });
    expect(addressOf(text, ' acme ')).toEqual({ url: 'https://erp.example.com', db: 'acme' });
  });

  test.each<[text: string, db: string | undefined, message: RegExp]>([
    ['https://erp.example.com/web?db=acme', 'globex', /names "acme" and --db "globex"/],
    ['https://erp.example.com/web', undefined, /neither --db nor the URL tells it/],
    ['https://erp.example.com', '  ', /neither --db nor the URL tells it/],
    ['https://erp.example.com/shop?search=desk', 'acme', /no page of Odoo that is known/],
    ['https://erp.example.com/slides#7', 'acme', /no page of Odoo that is known/],
    ['erp.example.com/web', 'acme', /no URL/],
    ['https://admin:hunter2@erp.example.com/web', 'acme', /holds a login/],
    ['https://erp.example.com', 'ac\u0000me', /control characters/],
  ])('is refused for %s with the database %j', (text, db, message) => {
    expect(() => addressOf(text, db)).toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(message) }),
    );
  });
});
