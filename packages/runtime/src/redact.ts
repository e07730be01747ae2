/** What no URL holds. Text is cut at it: an expression for what lies between would keep a step for each character of it. */
const BETWEEN = /([\s"'`<>])/;
const SCHEME = '://';
const SCHEME_END = /[a-z0-9+.-]/i;
/** What ends a user's name. */
const AFTER_USER = /[:@/]/g;
const QUERY_NAME = /[?&]([^=&?]*)=/g;
/** By a part of the name, unlike the fields of our own: what stands in a URL is named by others, and no figure of ours. */
const SECRET_NAME = /passw(?:or)?d|secret|token|api[-_]?key|authorization/i;
export const HIDDEN = '***';

/** Text without the passwords of any URL in it: `mongodb://user:***@host/db`. Takes time in proportion to the text. */
export function redactUrl(text: string): string {
  if (!text.includes('=') && !text.includes(SCHEME)) return text;
  const spans = text.split(BETWEEN);
  return spans.map((span) => withoutQuerySecrets(withoutPassword(span))).join('');
}

/** Greedy up to the last `@`: a password with an unescaped `@`, `:` or `/` goes too, and hiding a host as well does no harm. */
function withoutPassword(span: string): string {
  const last = span.lastIndexOf('@');
  for (let at = span.indexOf(SCHEME); at >= 0 && at < last; at = span.indexOf(SCHEME, at + 1)) {
    if (at === 0 || !SCHEME_END.test(span.charAt(at - 1))) continue;
    AFTER_USER.lastIndex = at + SCHEME.length;
    const colon = AFTER_USER.exec(span);
    if (colon?.[0] === ':' && colon.index < last)
      return `${span.slice(0, colon.index + 1)}${HIDDEN}${span.slice(last)}`;
  }
  return span;
}

function withoutQuerySecrets(span: string): string {
  if (!span.includes('=')) return span;
  let shown = '';
  let end = 0;
  QUERY_NAME.lastIndex = 0;
  for (let found = QUERY_NAME.exec(span); found; found = QUERY_NAME.exec(span)) {
    if (!SECRET_NAME.test(found[1] ?? '')) continue;
    const from = found.index + found[0].length;
    const next = span.indexOf('&', from);
    const to = next < 0 ? span.length : next;
    if (to > from) shown += `${span.slice(end, from)}${HIDDEN}`;
    else shown += span.slice(end, from);
    end = to;
    QUERY_NAME.lastIndex = to;
  }
  return shown + span.slice(end);
}
