import { describe, expect, test } from '@jest/globals';
import { isDirect } from './noProxy.js';

describe('an Odoo is asked without the proxy', () => {
  test.each([
    ['https://erp.example.com', 'erp.example.com'],
    ['https://erp.example.com/base', 'ERP.example.com'],
    ['https://erp.example.com', '.example.com'],
    ['https://erp.example.com', '*.example.com'],
    ['https://erp.example.com', 'erp.example.com:443'],
    ['http://erp.example.com', 'erp.example.com:80'],
    ['http://127.0.0.1:8069', '127.0.0.1'],
    ['http://127.0.0.1:8069', '127.0.0.1:8069'],
    ['http://[::1]:8069', '[::1]'],
    ['https://erp.example.com', '*'],
  ])('%s by %s', (url, entry) => {
    expect(isDirect(url, ['other.example', entry])).toBe(true);
  });

  test.each([
    ['https://erp.example.com', 'example.com'],
    ['https://badexample.com', '.example.com'],
    ['https://erp.example.com', 'erp.example.com:8069'],
    ['https://erp.example.com.evil.test', 'erp.example.com'],
  ])('but %s not by %s', (url, entry) => {
    expect(isDirect(url, [entry])).toBe(false);
  });
});
