import type { Bytes } from '../byteRun.js';
import type { OdooError } from '../odooError.js';
import type { JsonWriter } from '../pythonJson.js';

/** What arrived, read to its end. Header names are lower case. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  /** What the URL holds behind its path. */
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What goes back, without the headers that every answer has. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  /** Byte text: UTF-8, one character a byte. */
  readonly body: Bytes;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';

export const jsonReply = (
  body: Bytes,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  type: JSON_TYPE,
  body,
  headers: status === 200 ? { 'X-Content-Type-Options': 'nosniff', ...headers } : headers,
});

export const htmlReply = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ status, type: HTML_TYPE, body, headers });

export const NO_DATABASE = htmlReply(
  404,
  '<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>\n<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>\n\n<!-- Alternatively, use the X-Odoo-Database header. -->\n',
);

export const NOT_FOUND = htmlReply(
  404,
  '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server.</p>\n',
);

export function wrongContentType(path: string, accept: string): Reply {
  return htmlReply(
    415,
    `<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n<h1>Unsupported Media Type</h1>\n<p>Request inferred type is not compatible with &#39;${path.replace(/[<>&]/g, '')}&#39;.<br><br>Please verify the Content-Type request header and try again.</p>\n`,
    { Accept: accept },
  );
}

/** The data object of an error: in `/jsonrpc` it stands inside the envelope, in JSON-2 it is the body. */
export function errorData(error: OdooError, write: JsonWriter): string {
  const debug = `Traceback (most recent call last):\n  File "odoo/http.py", line 2273, in _serve_db\n    return service_model.retrying(serve_func, env=self.env)\n${error.odooName}: ${error.message}\n`;
  return write({ name: error.odooName, message: error.message, arguments: error.args, context: {}, debug });
}
