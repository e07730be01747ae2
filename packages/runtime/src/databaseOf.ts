const DEFAULT_DATABASE = 'odoo_sync';
const NAME = /^[^/\\. "$*<>:|?\0]+$/;
const MOST_BYTES = 63;

/** The database that a `MONGODB_URL` names in its path; `odoo_sync` where it names none. */
export function databaseOf(mongodbUrl: string): string {
  const path = pathOf(mongodbUrl);
  return path === '' ? DEFAULT_DATABASE : decodeURIComponent(path);
}

/** Why the path of a `MONGODB_URL` names no database; null where it does. The server would say so only at the first write. */
export function databaseFault(mongodbUrl: string): string | null {
  try {
    const name = databaseOf(mongodbUrl);
    if (NAME.test(name) && Buffer.byteLength(name) <= MOST_BYTES) return null;
  } catch {
    // An escape that is no letter of any name.
  }
  return `its path is no name of a database (at most ${MOST_BYTES} bytes, without / \\ . " $ * < > : | ? or a blank)`;
}

const pathOf = (mongodbUrl: string): string => /^[^:]+:\/\/[^/?]*\/([^?]*)/.exec(mongodbUrl)?.[1] ?? '';
