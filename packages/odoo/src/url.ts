import { type ErrorKind, type SourceAddress, SyncError } from '@odoo-sync/core';

/** `invalid` for what somebody typed, `configuration` for what stands in the store. */
type UrlFault = Extract<ErrorKind, 'invalid' | 'configuration'>;

const wrong = (kind: UrlFault, what: string) =>
  new SyncError(kind, `expected the URL of an Odoo such as https://odoo.example.com, but ${what}`);

function parsed(text: string, kind: UrlFault): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw wrong(kind, 'what came is no URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw wrong(kind, `it begins with ${url.protocol}`);
  if (url.username || url.password) throw wrong(kind, 'it holds a login: give that apart');
  return url;
}

/**
 * An Odoo's base URL in the one form that is stored: protocol, host, port and base path, no slash at the end.
 * @throws SyncError `configuration` for what is no such URL.
 */
export function normalizeOdooUrl(text: string): string {
  const url = parsed(text, 'configuration');
  if (url.search || url.hash) throw wrong('configuration', 'it has a query or a fragment');
  return `${url.origin}${withoutLastSlashes(url.pathname)}`;
}

/** An expression for slashes at the end would begin anew at each one of a long row elsewhere. */
function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** First steps of the paths of Odoo's own pages, up to version 20. */
const PAGES = ['web', 'odoo', 'my', 'scoped_app', 'jsonrpc', 'json', 'xmlrpc'];
/** A website's pages in another language have it before them. */
const LANGUAGE = /^[a-z]{2,3}(_[A-Z]{2})?$/;

/**
 * Where an Odoo is, read off its base URL or any page of it as a browser shows it: `https://host/web#action=1&db=acme`,
 * `https://host/odoo/contacts`.
 * @param db the database, where it was given apart.
 * @throws SyncError `invalid` for what is no URL, a page that isn't known, and where URL and `db` don't name one database.
 */
export function addressOf(text: string, db?: string): SourceAddress {
  const url = parsed(text, 'invalid');
  const steps = url.pathname.split('/').filter((step) => step !== '');
  const page = steps.findIndex((step) => PAGES.includes(step));
  if (page < 0 && steps.length > 0 && (url.search || url.hash))
    throw wrong(
      'invalid',
      'it has a query or a fragment, and is no page of Odoo that is known: give its base alone',
    );
  const base = page < 0 ? steps : steps.slice(0, page);
  const translated = ['login', 'signup', 'reset_password'].includes(steps[page + 1] ?? '');
  if (steps[page] === 'web' && translated && LANGUAGE.test(base.at(-1) ?? '')) base.pop();
  const named = databaseIn(url.search) ?? databaseIn(url.hash);
  const said = db?.trim();
  if (said && named && said !== named)
    throw new SyncError(
      'invalid',
      `expected one database, but the URL names ${JSON.stringify(named)} and --db ${JSON.stringify(said)}: give the right one`,
    );
  const database = said || named;
  if (!database)
    throw new SyncError(
      'invalid',
      'expected the name of its database, but neither --db nor the URL tells it',
    );
  if (/\p{Cc}/u.test(database))
    throw new SyncError('invalid', 'expected the name of a database, but there are control characters in it');
  return { url: normalizeOdooUrl([url.origin, ...base].join('/')), db: database };
}

/** Of a query, or of a fragment that is written like one. */
const databaseIn = (part: string): string | null =>
  new URLSearchParams(part.replace(/^[#?]/, '')).get('db') || null;
