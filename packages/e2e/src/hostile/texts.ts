import { CALLS, type Entry, failing, ofContacts, poisoned, READINGS, to, withValue } from './entry.js';
import { SECRET } from './fleet.js';

const ESCAPES = '\u001b]0;owned\u0007\u001b[2J\u001b[31m\u009b1m\r\n\u202e';
/** What reads as the name of an exception does, as far as letters go. */
const longName = (bytes: number) => `odoo.exceptions.${'Very'.repeat(bytes / 4)}`;
const encoded = [encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64')];
const redirect = (Location: string) => to(CALLS, ({ raw }) => raw('', 303, { Location }));

/** Section 1: foreign texts, on every call, and what is kept and shown of them. */
export const TEXTS: readonly Entry[] = [
  {
    name: "an exception's name of 400 kB",
    does: ofContacts(to(READINGS, ({ fault }) => fault(longName(400_000), 'a:b@c '.repeat(70_000)))),
    operator: /Odoo answered odoo\.exceptions\.Very|went on past/,
    mirrored: 'none',
  },
  {
    name: "an exception's name of 10 MB",
    does: to(CALLS, ({ fault }) => fault(longName(10_000_000))),
    operator: /expected at most \d+ bytes .* and more came/,
    mirrored: 'none',
  },
  {
    name: 'the same over JSON-RPC',
    does: to(CALLS, ({ fault }) => fault(longName(10_000_000), 'https://a:'.repeat(100_000))),
    operator: /expected at most \d+ bytes .* and more came/,
    mirrored: 'none',
    password: true,
  },
  {
    name: "the secret in an exception's name and message",
    does: ofContacts(to(READINGS, ({ fault }) => fault(`odoo.${SECRET}`, `bad key ${SECRET}`))),
    operator: /Odoo/,
    mirrored: 'none',
    password: true,
  },
  {
    name: 'the same URL-encoded, in base64 and in capitals',
    does: failing(
      (row) => row.id === poisoned.one,
      ({ fault }) =>
        fault(
          'builtins.ValueError',
          [...encoded, SECRET.toUpperCase(), ...encoded.map((one) => one.toLowerCase())].join(' '),
        ),
    ),
    operator: /builtins\.ValueError/,
    mirrored: 'others',
  },
  {
    name: 'the secret in a Location',
    does: redirect(`http://${encoded[0]}.example.com/${SECRET}?key=${encoded[0]}`),
    operator: /redirects to/,
    mirrored: 'none',
  },
  {
    name: "the secret as Odoo's version",
    does: to('version', ({ value }) =>
      value({ server_version: SECRET, server_version_info: [SECRET, SECRET], server_serie: SECRET }),
    ),
    operator: /is not supported/,
    mirrored: 'none',
  },
  {
    name: 'terminal escapes in an exception',
    does: ofContacts(to(READINGS, ({ fault }) => fault(`odoo.${ESCAPES}`, `${ESCAPES}no`))),
    operator: /Odoo answered odoo/,
    mirrored: 'none',
    password: true,
  },
  {
    name: 'terminal escapes in what is mirrored',
    does: withValue({ name: ESCAPES }),
    operator: null,
    mirrored: 'others',
  },
  {
    name: 'terminal escapes as a model says of its field',
    does: to('fields', async (exchange) => {
      const { value } = await exchange.honest();
      const types = Object.entries(value as object).map(([name, field]) => [
        name,
        name === 'comment' ? { ...field, type: `${ESCAPES}${'t'.repeat(100_000)}` } : field,
      ]);
      exchange.value({ ...Object.fromEntries(types), [ESCAPES]: { type: 'char' } });
    }),
    operator: null,
    mirrored: 'none',
  },
  {
    name: 'no fields at all',
    does: to('fields', ({ value }) => value({})),
    operator: /may not read id and write_date/,
    mirrored: 'none',
  },
  {
    name: 'fields that are none',
    does: to('fields', ({ json }) => json('{"id": null, "write_date": {"type": 7}, "name": []}')),
    operator: /fields_get/,
    mirrored: 'none',
  },
  {
    name: 'errors of odd shapes',
    does: (exchange) => {
      const odd = [
        () => exchange.fault(17, { deep: [[[{}]]] }),
        () => exchange.fault(null, null, { arguments: [[[[{}]]]] }),
        () => exchange.raw('{"jsonrpc": "2.0", "error": 5}'),
        () => exchange.raw('{"jsonrpc": "2.0", "error": {"data": "x"}}'),
        () => exchange.raw('{"jsonrpc": "2.0", "error": {"code": [], "message": {}}}'),
        () => exchange.raw('{"jsonrpc": "2.0"}'),
        () => exchange.raw('null'),
        () => exchange.raw('{"name": {"a": 1}, "message": 3}', 500),
      ];
      return ofContacts(to(READINGS, () => odd[exchange.before % odd.length]?.()))(exchange);
    },
    operator: /Odoo/,
    mirrored: 'none',
    password: true,
  },
  {
    name: 'a login that is no number',
    does: to('login', ({ json }) => json('{"$gt": 0}')),
    operator: /expected a user's number from Odoo's login/,
    mirrored: 'none',
    password: true,
  },
  {
    name: 'a login refused',
    does: to('login', ({ json }) => json('false')),
    operator: /Odoo doesn't accept the credentials/,
    mirrored: 'none',
    password: true,
  },
  {
    name: 'a version of no kind',
    does: to('version', ({ json }) => json('{"server_version": [], "server_version_info": {"0": 1e999}}')),
    operator: /expected an Odoo|telling its version/,
    mirrored: 'none',
  },
  {
    name: 'a version past all bounds',
    does: to('version', ({ value }) =>
      value({ server_version: '9'.repeat(1_000_000), server_version_info: [1e300, 0] }),
    ),
    operator: null,
    mirrored: 'none',
  },
];
