import { describe, expect, test } from '@jest/globals';
import { createDoor } from './door.js';
import { normalizeOdooUrl } from './url.js';

const ALL = ['public', 'private', 'loopback', 'link-local'];
const hostOf = (url: string) => new URL(normalizeOdooUrl(url)).hostname;
const refusalOf = (url: string, ...allow: string[]) => createDoor(allow).refusalOf(hostOf(url));
const found = (...addresses: string[]) => addresses.map((address) => ({ address }));

describe('what a URL says by itself is refused', () => {
  test.each([
    ['http://127.0.0.1:8069', 'loopback'],
    ['http://127.1', '127.0.0.1 is loopback'],
    ['http://2130706433', '127.0.0.1 is loopback'],
    ['http://0x7f.1', '127.0.0.1 is loopback'],
    ['http://0X7F000001', '127.0.0.1 is loopback'],
    ['http://0177.0.0.01', '127.0.0.1 is loopback'],
    ['http://127.0.0.1.', '127.0.0.1 is loopback'],
    ['http://1２7.0.0.1', '127.0.0.1 is loopback'],
    ['http://127。0。0。1', '127.0.0.1 is loopback'],
    ['http://0', '0.0.0.0 is loopback'],
    ['http://[::]:8069', ':: is loopback'],
    ['http://[::1]', '::1 is loopback'],
    ['http://[::ffff:7f00:1]', '::ffff:7f00:1 is loopback'],
    ['http://[::FFFF:127.0.0.1]', '::ffff:7f00:1 is loopback'],
    ['http://LocalHost:8069', 'localhost is 127.0.0.1 (loopback)'],
    ['http://localhost.', 'localhost is 127.0.0.1 (loopback)'],
    ['http://erp.localhost', 'erp.localhost is 127.0.0.1 (loopback)'],
    ['https://10.0.0.7', '10.0.0.7 is private'],
    ['https://[fd12::1]', 'fd12::1 is private'],
    ['http://169.254.7.7', '169.254.7.7 is link-local'],
    ['http://[64:ff9b::a00:7]', '64:ff9b::a00:7 is private'],
  ])('%s', (url, what) => {
    expect(refusalOf(url, 'public')).toMatchObject({ kind: 'configuration', unreachable: true });
    expect(refusalOf(url, 'public')?.message).toContain(what);
    expect(refusalOf(url, ...ALL)).toBeNull();
  });

  test.each([
    ['http://169.254.169.254/latest', "169.254.169.254 is a cloud's metadata"],
    ['http://2852039166', "169.254.169.254 is a cloud's metadata"],
    ['http://[::ffff:a9fe:a9fe]', "is a cloud's metadata"],
    ['http://[fd00:ec2::254]', "is a cloud's metadata"],
    ['http://METADATA.Google.Internal.', "metadata.google.internal is a cloud's metadata"],
    ['http://metadata', "metadata is a cloud's metadata"],
    ['http://224.0.0.1', '224.0.0.1 is reserved'],
    ['http://[2001:db8::1]', '2001:db8::1 is reserved'],
  ])('%s whatever is allowed', (url, what) => {
    const everything = [...ALL, '0.0.0.0/0', '::/0', 'metadata.google.internal', '169.254.169.254'];
    expect(refusalOf(url, ...everything)?.message).toContain(what);
    expect(refusalOf(url, ...everything)?.message).toContain('no setting lets this through');
  });

  test.each(['https://erp.example.com', 'https://1.1.1.1', 'https://[2606:4700::1111]', 'http://local'])(
    'but not %s',
    (url) => {
      expect(refusalOf(url, 'public')).toBeNull();
    },
  );
});

describe('of the addresses of a name', () => {
  const among = (allow: readonly string[], ...addresses: string[]) =>
    createDoor(allow)
      .among('ERP.example.com.', found(...addresses))
      .map(({ address }) => address);

  test('those that are allowed stay', () => {
    expect(among(['public'], '10.0.0.7', '1.1.1.1', '::1', '2606:4700::1111')).toEqual([
      '1.1.1.1',
      '2606:4700::1111',
    ]);
    expect(among(['private'], '10.0.0.7', '1.1.1.1')).toEqual(['10.0.0.7']);
  });

  test('a range and a host let theirs through, and no others', () => {
    expect(among(['10.2.0.0/16'], '10.2.255.1', '10.3.0.1', '::ffff:10.2.0.1')).toEqual([
      '10.2.255.1',
      '::ffff:10.2.0.1',
    ]);
    expect(among(['10.2.0.1', 'fd12::/16'], '10.2.0.1', '10.2.0.2', 'fd12::5', 'fd13::5')).toEqual([
      '10.2.0.1',
      'fd12::5',
    ]);
    expect(among(['erp.example.com'], '10.2.0.1', '127.0.0.1', '169.254.169.254')).toEqual([
      '10.2.0.1',
      '127.0.0.1',
    ]);
    expect(() => among(['example.com', 'b.erp.example.com'], '10.2.0.1')).toThrow();
  });

  test('where none is left the sentence says what came and what to do', () => {
    expect(() => among(['public'], '10.0.0.7')).toThrow(
      expect.objectContaining({
        kind: 'configuration',
        message:
          "expected an address that ODOO_ALLOW (public) lets through for an Odoo, but erp.example.com is 10.0.0.7 (private): correct the user's URL, or name private, a range or the host in ODOO_ALLOW",
      }),
    );
    expect(() => among(['public'], '169.254.169.254', '::1', '::1')).toThrow(
      /is 169\.254\.169\.254 \(a cloud's metadata\), ::1 \(loopback\): .* or name loopback, /,
    );
    expect(() => among(ALL, '224.0.0.1')).toThrow(
      "expected an address where an Odoo can be, but erp.example.com is 224.0.0.1 (reserved): correct the user's URL; no setting lets this through",
    );
    expect(() => among(ALL)).toThrow('erp.example.com is no address at all');
  });

  test('the sentence stays short, whatever the name has and the setting holds', () => {
    const many = Array.from({ length: 200 }, (_, n) => `10.0.0.${n}`);
    const allow = many.map((address) => address.replace('10.', '11.'));
    expect(() => among(allow, ...many)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{100,600}in ODOO_ALLOW$/) }),
    );
  });
});
