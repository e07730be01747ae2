import { fieldsOf, type ModelName } from '../fieldTable.js';
import { jsonWriterFor } from '../pythonJson.js';
import { secondText } from '../timestamps.js';
import { employeeRenders } from './employee.js';
import { revised, stable } from './fragments.js';
import { genericRender } from './generic.js';
import { moveRenders } from './move.js';
import { orderRenders } from './order.js';
import { partnerNames, partnerRenders } from './partner.js';
import { USERS } from './pools.js';
import type { Render } from './row.js';

export type Renders = Readonly<Record<string, Render>>;
const made = new Map<string, Renders>();

/** The renders of every field of a model in a version; made once and shared by all databases. */
export function rendersOf(version: number, model: ModelName): Renders {
  const key = `${version} ${model}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const write = jsonWriterFor(version);
  const names = partnerNames(write);
  const special = {
    'res.partner': () => partnerRenders(write, names),
    'sale.order': () => orderRenders(write, names),
    'account.move': () => moveRenders(write, names),
    'hr.employee': () => employeeRenders(write),
  }[model]();
  const common: Record<string, Render> = {
    id: (row) => `${row.id}`,
    create_date: (row) => `"${secondText(row.createdSecond)}"`,
    write_date: (row) => `"${secondText(row.writtenSecond)}"`,
    __last_update: (row) => `"${secondText(row.writtenSecond)}"`,
    create_uid: stable(101, USERS, write),
    write_uid: revised(102, USERS, write),
  };
  const renders: Record<string, Render> = {};
  for (const [name, field] of Object.entries(fieldsOf(version, model))) {
    renders[name] = common[name] ?? special[name] ?? genericRender(name, field, write);
  }
  made.set(key, renders);
  return renders;
}
