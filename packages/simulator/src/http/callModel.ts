import type { SimulatedDatabase } from '../database.js';
import type { Fault } from '../faults.js';
import { isModelName } from '../fieldTable.js';
import { callConfigParameter } from '../methods/configParameter.js';
import type { MethodAnswer } from '../methods/method.js';
import { callStatic } from '../methods/staticModel.js';
import { methodOf } from '../methods/table.js';
import { errors, OdooError } from '../odooError.js';
import { jsonWriterFor } from '../pythonJson.js';
import { staticRecords } from '../staticModels.js';
import type { SimulatedUser } from '../users.js';

export interface ModelRequest {
  readonly database: SimulatedDatabase;
  readonly user: SimulatedUser;
  readonly model: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly fault: Fault | undefined;
  readonly now: () => number;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Calls a model's method with its arguments sorted out by name; throws OdooError as the server raises. */
export function callModel(request: ModelRequest): MethodAnswer {
  const { database, user, model, method, args, kwargs } = request;
  if (method.startsWith('_') || method === 'check_access')
    throw errors.privateMethod(database.version, model, method);
  const { context, ...named } = kwargs;
  if (!isModelName(model)) {
    const writer = jsonWriterFor(database.version);
    if (model === 'ir.config_parameter') {
      const value = callConfigParameter(database, user, method, named.key ?? args[0]);
      return { json: writer(value), rows: 0 };
    }
    const records = staticRecords(model);
    if (records === undefined) throw errors.unknownModel(model);
    const { version } = database;
    const result = callStatic(records, { model, method, args, kwargs: named, version, uid: user.uid });
    return { json: writer(result), rows: Array.isArray(result) ? result.length : 0 };
  }
  const found = methodOf(method, database.version);
  if (found === undefined) throw errors.unknownMethod(database.version, model, method);
  const names = found.onRecords === true ? ['ids', ...found.parameters] : found.parameters;
  const unknown = Object.keys(named).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const where = method === 'search_read' ? '_read_format' : method;
    throw new OdooError(
      'builtins.TypeError',
      `BaseModel.${where}() got an unexpected keyword argument '${unknown}'`,
    );
  }
  const parameters: Record<string, unknown> = { ...named };
  args.forEach((value, index) => {
    if (names[index] !== undefined) parameters[names[index]!] = value;
  });
  return found.run({
    database,
    user,
    model,
    method,
    parameters,
    context: isObject(context) ? context : {},
    now: request.now,
    fault: request.fault,
  });
}
