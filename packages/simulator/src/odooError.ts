/** An error as Odoo's own code raises it: the class name that answers carry, and the HTTP status JSON-2 gives it. */
export class OdooError extends Error {
  readonly odooName: string;
  readonly status: number;
  readonly args: readonly unknown[];

  constructor(
    odooName: string,
    message: string,
    options: { readonly status?: number; readonly args?: readonly unknown[] } = {},
  ) {
    super(message);
    this.odooName = odooName;
    this.status = options.status ?? STATUS[odooName] ?? 500;
    this.args = options.args ?? (odooName.startsWith('werkzeug.') ? [message, this.status] : [message]);
  }
}

const STATUS: Readonly<Record<string, number>> = {
  'odoo.exceptions.AccessDenied': 401,
  'odoo.exceptions.AccessError': 403,
  'odoo.exceptions.MissingError': 404,
  'odoo.exceptions.UserError': 422,
  'odoo.exceptions.ValidationError': 422,
  'werkzeug.exceptions.Unauthorized': 401,
  'werkzeug.exceptions.NotFound': 404,
  'werkzeug.exceptions.BadRequest': 400,
  'werkzeug.exceptions.UnprocessableEntity': 422,
};

const TITLES: Readonly<Record<string, string>> = {
  'res.partner': 'Contact',
  'sale.order': 'Sales Order',
  'account.move': 'Journal Entry',
  'hr.employee': 'Employee',
};
const title = (model: string): string => TITLES[model] ?? model;

/** The errors of the fact sheet, worded as 14 and 19 word them. */
export const errors = {
  accessDenied: (): OdooError => new OdooError('odoo.exceptions.AccessDenied', 'Access Denied'),
  noDatabase: (version: number, db: string): OdooError =>
    new OdooError(
      'psycopg2.OperationalError',
      version >= 19
        ? `connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "${db}" does not exist\n`
        : `FATAL:  database "${db}" does not exist\n`,
    ),
  missing: (model: string, id: number, uid: number): OdooError =>
    new OdooError(
      'odoo.exceptions.MissingError',
      `Record does not exist or has been deleted.\n(Record: ${model}(${id},), User: ${uid})`,
    ),
  unknownModel: (model: string): OdooError =>
    new OdooError('odoo.exceptions.UserError', `Object ${model} doesn't exist`),
  unknownField: (version: number, model: string, field: string): OdooError =>
    new OdooError(
      'builtins.ValueError',
      version >= 19
        ? `Invalid field '${field}' on '${model}'`
        : `Invalid field '${field}' on model '${model}'`,
    ),
  unknownOrder: (model: string, field: string): OdooError =>
    new OdooError('builtins.ValueError', `Invalid field '${field}' on model '${model}'`),
  badOrder: (order: string): OdooError =>
    new OdooError(
      'odoo.exceptions.UserError',
      `Invalid "order" specified (${order}). A valid "order" specification is a comma-separated list of valid field names (optionally followed by asc/desc for the direction)`,
    ),
  unknownInDomain: (version: number, model: string, leaf: string, field: string): OdooError =>
    new OdooError(
      'builtins.ValueError',
      version >= 19
        ? `Invalid field ${model}.${field} in condition ${leaf}`
        : `Invalid field ${model}.${field} in leaf ${leaf}`,
    ),
  unknownOperator: (version: number, leaf: string): OdooError =>
    new OdooError(
      'builtins.ValueError',
      version >= 19 ? `Invalid operator in condition ${leaf}` : `Invalid leaf ${leaf}`,
    ),
  badDatetime: (version: number, text: string): OdooError =>
    version >= 19
      ? new OdooError('builtins.ValueError', `Invalid term '${text}' in expression date: '${text}'`)
      : new OdooError(
          'psycopg2.errors.InvalidDatetimeFormat',
          `invalid input syntax for type timestamp: "${text}"\n`,
        ),
  zonedDatetime: (text: string): OdooError =>
    new OdooError('builtins.ValueError', `expecting only datetimes with no timezone: '${text}'`),
  noModelAccess: (model: string, verb: 'access' | 'modify' | 'create' | 'delete'): OdooError =>
    new OdooError(
      'odoo.exceptions.AccessError',
      `You are not allowed to ${verb} '${title(model)}' (${model}) records.\n\nThis operation is allowed for the following groups:\n\t- Accounting/Administrator\n\t- Sales/Administrator\n\nContact your administrator to request access if necessary.`,
    ),
  noFieldAccess: (version: number, model: string, field: string, uid: number): OdooError => {
    if (model === 'hr.employee') {
      const text =
        version >= 19
          ? `The fields “${field}”, which you are trying to read, are not available for employee public profiles.`
          : `The fields "${field}" you try to read is not available on the public employee profile.`;
      return new OdooError('odoo.exceptions.AccessError', text);
    }
    return new OdooError(
      'odoo.exceptions.AccessError',
      `You do not have enough rights to access the field "${field}" on ${title(model)} (${model}). Please contact your system administrator.\n\nOperation: read\nUser: ${uid}\nGroups: allowed for groups 'Accounting / Invoicing'`,
    );
  },
  hiddenRecord: (model: string, login: string, uid: number): OdooError =>
    new OdooError(
      'odoo.exceptions.AccessError',
      `Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, ${login} (id=${uid}) doesn't have 'read' access to:\n- ${title(model)} (${model})\n\nIf you really, really need access, perhaps you can win over your friendly administrator with a batch of freshly baked cookies.`,
    ),
  privateMethod: (version: number, model: string, method: string): OdooError =>
    new OdooError(
      'odoo.exceptions.AccessError',
      version >= 19
        ? `Private methods (such as '${model}.${method}') cannot be called remotely.`
        : `Private methods (such as ${method}) cannot be called remotely.`,
    ),
  unknownMethod: (version: number, model: string, method: string): OdooError =>
    new OdooError(
      'builtins.AttributeError',
      version >= 19
        ? `The method '${model}.${method}' does not exist`
        : `type object '${model}' has no attribute '${method}'`,
    ),
};
