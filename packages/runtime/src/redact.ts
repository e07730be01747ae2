// Greedy up to the last `@`: a password with an unescaped `@`, `:` or `/` goes too, and hiding a host as well does no harm.
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)([^\s:@/"'`<>]*):[^\s"'`<>]*@/gi;
const QUERY_SECRET = /([?&][^=&\s"']*(?:password|secret|token|api_?key)[^=&\s"']*=)[^&\s"'`<>]+/gi;

/** Text without the passwords of any URL in it: `mongodb://user:***@host/db`. */
export const redactUrl = (text: string): string =>
  text.replace(USER_INFO, '$1$2:***@').replace(QUERY_SECRET, '$1***');
