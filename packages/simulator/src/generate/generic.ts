import type { FieldInfo } from '../fieldTable.js';
import type { JsonWriter } from '../pythonJson.js';
import { draw, hashText } from '../random.js';
import {
  amountText,
  dayAround,
  idList,
  numbered,
  revised,
  secondAround,
  sometimes,
  stable,
} from './fragments.js';
import { HTML_TEXTS, TEXTS } from './pools.js';
import type { Render } from './row.js';

/** Fields that open a door are always empty here: nobody may learn to sync them from generated data. */
const NEVER_FILLED = new Set(['signup_token', 'pin', 'barcode', 'access_token']);

/** A render for any field by its type alone, used where a model says nothing better. */
export function genericRender(name: string, field: FieldInfo, write: JsonWriter): Render {
  const salt = hashText(name);
  if (NEVER_FILLED.has(name)) return () => 'false';
  switch (field.type) {
    case 'boolean':
      return stable(salt, [false, false, false, true], write);
    case 'integer':
      return (row) => `${draw(row.revised, salt) % 12}`;
    case 'float':
    case 'monetary':
      return (row) => amountText(draw(row.revised, salt) % 500_000);
    case 'date':
      return sometimes(salt, 50, dayAround(salt, 90));
    case 'datetime':
      return sometimes(salt, 50, secondAround(salt, 40 * 86_400));
    case 'html':
      return sometimes(salt, 30, revised(salt, HTML_TEXTS, write));
    case 'text':
      return sometimes(salt, 30, revised(salt, TEXTS, write));
    case 'selection': {
      const keys = (field.selection ?? []).map(([key]) => key);
      return keys.length === 0 ? () => 'false' : stable(salt, [false, ...keys], write);
    }
    case 'many2one':
      return sometimes(
        salt,
        30,
        stable(
          salt,
          [
            [1, `${field.string} A`],
            [2, `${field.string} "B"`],
          ],
          write,
        ),
      );
    case 'one2many':
    case 'many2many':
      return idList(salt, 3);
    case 'properties':
      return () => '[]';
    case 'char':
      return sometimes(salt, 30, numbered(salt, `${field.string} `, '', write));
    default:
      return () => 'false';
  }
}
