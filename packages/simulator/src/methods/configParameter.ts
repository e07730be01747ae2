import type { SimulatedDatabase } from '../database.js';
import { errors } from '../odooError.js';
import type { SimulatedUser } from '../users.js';

/** `ir.config_parameter.get_param`, which administrators of the settings may ask: of `database.uuid`; nothing else is set. */
export function callConfigParameter(
  { uuid, version }: SimulatedDatabase,
  user: SimulatedUser,
  method: string,
  key: unknown,
): unknown {
  if (method !== 'get_param') throw errors.unknownMethod(version, 'ir.config_parameter', method);
  if (user.groups !== 'all' && !user.groups.includes('base.group_system'))
    throw errors.noModelAccess('ir.config_parameter', 'access');
  return key === 'database.uuid' ? uuid : false;
}
