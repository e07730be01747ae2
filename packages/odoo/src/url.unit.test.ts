import { describe, expect, test } from '@jest/globals';
import { normalizeOdooUrl } from './url.js';

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

  test('refuses a login in the URL, and does not repeat it', () => {
    expect(() => normalizeOdooUrl('https://admin:hunter2@odoo.example.com')).toThrow(
      expect.objectContaining({ kind: 'configuration', message: expect.not.stringContaining('hunter2') }),
    );
  });
});
