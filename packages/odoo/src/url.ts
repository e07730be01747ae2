import { SyncError } from '@odoo-sync/core';

/**
 * An Odoo's base URL in the one form that is stored: protocol, host, port and base path, no slash at the end.
 * @throws SyncError `configuration` for what is no such URL.
 */
export function normalizeOdooUrl(text: string): string {
  const wrong = (what: string) =>
    new SyncError(
      'configuration',
      `expected the URL of an Odoo such as https://odoo.example.com, but ${what}`,
    );
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw wrong('what came is no URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(`it begins with ${url.protocol}`);
  if (url.username || url.password) throw wrong('it holds a login: give that apart');
  if (url.search || url.hash) throw wrong('it has a query or a fragment');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
