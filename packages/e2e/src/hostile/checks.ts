import { rangeStartOf } from '@odoo-sync/core';
import { fieldsOf, MODELS } from '@odoo-sync/simulator';
import type { Document } from 'mongodb';
import { differences } from '../oracle/compare.js';
import { ORACLE_MODULES } from '../oracle/modules.js';
import { type Entry, poisoned } from './entry.js';
import { type Fleet, HOSTILE, NEIGHBOURS, SECRET } from './fleet.js';

const OURS = ['_id', 'userId', 'odooId', '_sync'];
const SYNC = ['batch', 'firstSeen', 'lastChanged', 'hash', 'deletedAt', 'unread'];

/** Everything that reads as a sentence in what the API shows. */
export function sentencesOf(shown: unknown): readonly string[] {
  if (typeof shown === 'string') return shown.includes(' ') ? [shown] : [];
  if (typeof shown !== 'object' || shown === null) return [];
  return Object.values(shown).flatMap(sentencesOf);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

/** Sentences that would do something to the operator's terminal, or are longer than anybody reads. */
export const unfit = (sentences: readonly string[]): readonly string[] =>
  sentences.filter((one) => CONTROL.test(one) || one.length > 1_000).map((one) => one.slice(0, 200));

const FORMS = [
  SECRET,
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('hex'),
  JSON.stringify(SECRET).slice(1, -1),
].map((form) => form.toLowerCase());

/** Forms in which the secret is readable in a text, whatever the case. */
export function leaksIn(text: string): readonly string[] {
  const lower = text.toLowerCase();
  return FORMS.filter((form) => lower.includes(form));
}

/**
 * Documents that are not what they may be: of nobody, with names outside their model's fields, or with values that their
 * field's type doesn't have. One line each.
 */
export async function foreignDocuments(
  { world }: Fleet,
  guests: readonly string[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const known = [...NEIGHBOURS, ...guests];
  for (const { collection, model } of ORACLE_MODULES) {
    const of = world.db.collection(collection);
    const strangers = await of
      .find({ userId: { $nin: known } })
      .limit(5)
      .toArray();
    faults.push(...strangers.map(({ userId }) => `${collection}: a document of ${JSON.stringify(userId)}`));
    const fields = fieldsOf(19, MODELS.find((one) => one === model) ?? 'res.partner');
    const newest = guests.slice(-1);
    for await (const document of of.find({ userId: { $in: newest } }, { promoteValues: false })) {
      for (const [name, value] of Object.entries(document)) {
        if (OURS.includes(name)) continue;
        const type = fields[name]?.type;
        if (type === undefined) faults.push(`${collection}: a document has the name ${name}`);
        else if (!conforms(type, value))
          faults.push(`${collection}.${name} of ${document.odooId}: not of type ${type}`);
      }
      const sync = Object.keys(document._sync ?? {}).filter((name) => !SYNC.includes(name));
      if (sync.length > 0) faults.push(`${collection}: _sync holds ${sync.join(', ')}`);
    }
  }
  return faults.slice(0, 20);
}

const bsonOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && '_bsontype' in value
    ? String(value._bsontype)
    : typeof value;

/** Whether a stored value is of the one kind that docs/reading.md promises for its type. */
function conforms(type: string, value: unknown): boolean {
  if (value === null) return true;
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return ['Int32', 'Long', 'Double'].includes(bsonOf(value)) && Number.isSafeInteger(Number(value));
    case 'float':
    case 'monetary':
      return bsonOf(value) === 'Double' && Number.isFinite(Number(value));
    case 'datetime':
      return value instanceof Date && !Number.isNaN(value.getTime());
    case 'many2one':
      return (
        typeof value === 'object' &&
        Object.keys(value as Document)
          .sort()
          .join() === 'id,name'
      );
    case 'one2many':
    case 'many2many':
      return Array.isArray(value) && value.every((id) => Number.isSafeInteger(Number(id)));
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
    case 'char':
    case 'text':
    case 'html':
    case 'selection':
    case 'reference':
      return typeof value === 'string';
    default:
      return true;
  }
}

/** What is unequal between the hostile user's Odoo and its mirror, less what an entry can't have equal. */
export async function unequal({ world }: Fleet, entry: Entry, userKey: string): Promise<readonly string[]> {
  if (entry.mirrored === 'none') return [];
  const spared = new Set([...poisoned.fifty, poisoned.one]);
  const user = await world.store.user(userKey);
  if (!user) throw new Error(`there is no user ${userKey}`);
  const odoo = { ...world.odoo(HOSTILE), login: 'oracle', password: 'oracle' };
  const from = rangeStartOf(user) ?? new Date(0);
  const found = await differences({ odoo, db: world.db, userId: user.userId, from });
  return found.filter((line) => {
    const [, id] = /record (\d+)/.exec(line) ?? [];
    return entry.mirrored === 'all' || !spared.has(Number(id));
  });
}
