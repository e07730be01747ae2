/** Whether a header can carry a database's name: what is outside of ASCII would arrive as another one, or as none. */
export const fitsHeader = (db: string): boolean => /^[\x21-\x7e]+(?: +[\x21-\x7e]+)*$/.test(db);

/** Names the database to an Odoo that has several. */
export const databaseHeader = (db: string): Readonly<Record<string, string>> =>
  fitsHeader(db) ? { 'X-Odoo-Database': db } : {};
