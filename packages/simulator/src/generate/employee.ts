import type { JsonWriter } from '../pythonJson.js';
import { draw } from '../random.js';
import { dayText } from '../timestamps.js';
import { constant, idList, numbered, revised, sometimes, stable } from './fragments.js';
import { personNames } from './personNames.js';
import * as pools from './pools.js';
import { type Render, type Row, stableNumber } from './row.js';

/** What the fields of hr.employee look like. */
export function employeeRenders(write: JsonWriter): Record<string, Render> {
  const nameOf = personNames(write);
  const name: Render = (row) => `"${nameOf(row.stable)}"`;
  const colleague =
    (salt: number): Render =>
    (row: Row) => {
      const id = 1 + (draw(row.stable, salt) % row.world.employees);
      return `[${id}, "${nameOf(stableNumber(row.world, 'hr.employee', id))}"]`;
    };
  const birthday: Render = (row) => `"${dayText(-3650 + (draw(row.stable, 20) % 14_000))}"`;
  return {
    name,
    display_name: name,
    active: (row) => (row.active ? 'true' : 'false'),
    company_id: constant(pools.COMPANIES[0], write),
    resource_id: (row) => `[${row.id}, "${nameOf(row.stable)}"]`,
    resource_calendar_id: stable(1, pools.CALENDARS, write),
    user_id: sometimes(2, 30, stable(2, pools.USERS, write)),
    department_id: revised(3, pools.DEPARTMENTS, write),
    job_id: revised(6, pools.JOBS, write),
    job_title: revised(
      6,
      pools.JOBS.map(([, title]) => title),
      write,
    ),
    parent_id: sometimes(7, 80, colleague(7)),
    coach_id: sometimes(8, 60, colleague(8)),
    child_ids: idList(9, 4),
    category_ids: revised(10, [[], [2, 3], [1]], write),
    work_phone: numbered(11, '+1 555-', '', write),
    mobile_phone: sometimes(12, 60, numbered(12, '+32 47', '', write)),
    work_email: (row) => `"employee${row.id}@example.com"`,
    address_id: constant(pools.COMPANIES[0], write),
    tz: stable(13, pools.TIME_ZONES, write),
    country_id: sometimes(14, 60, stable(14, pools.COUNTRIES, write)),
    identification_id: sometimes(15, 50, numbered(15, 'ID', '', write)),
    birthday: sometimes(20, 80, birthday),
    marital: stable(21, ['single', 'married', 'cohabitant', 'widower', 'divorced'], write),
    children: (row) => `${draw(row.revised, 22) % 4}`,
    certificate: stable(23, ['graduate', 'bachelor', 'master', 'other', false], write),
    km_home_work: (row) => `${draw(row.stable, 24) % 90}`,
    color: (row) => `${draw(row.revised, 25) % 12}`,
  };
}
