import { type FieldList, type ModuleName, type ModuleSchema, retiredFields } from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { type PlanDocument, type SchemaDocument, schemaIdOf } from '../collections.js';
import type { StoreContext } from '../context.js';
import { ledgerTransaction } from '../session.js';
import { schemaDocument } from './schemas.js';

const STEP = 50;

/** Every plan of an earlier version has it, and no other. */
const OLD = { 'modules.contacts.retired': { $exists: true } };

/** What such a plan holds of a module. */
interface OldState {
  readonly fields?: FieldList | null;
  readonly retired?: readonly string[];
}

/**
 * Moves the schemas that an earlier version kept in the plans into documents of their own, some users at a time. Several
 * processes can do it at once, and begin it again after an interruption. A program of the earlier version that still runs finds
 * no list, asks Odoo for it, and writes it into the plan again: the next program that starts moves it.
 */
export async function moveSchemas(context: StoreContext): Promise<void> {
  let users = 0;
  for (;;) {
    const moved = await ledgerTransaction(context, (session) => moveSome(context, session));
    if (moved === 0) break;
    users += moved;
  }
  if (users > 0) context.log.info({ users }, 'field lists of an earlier version were moved out of the plans');
}

async function moveSome({ plans, schemas }: StoreContext, session: ClientSession): Promise<number> {
  const some = await plans
    .find(OLD as object, { session })
    .limit(STEP)
    .toArray();
  if (some.length === 0) return 0;
  const ids = some.flatMap((plan) => modulesOf(plan).map((module) => schemaIdOf(plan._id, module)));
  const there = await schemas.find({ _id: { $in: ids } }, { session }).toArray();
  const thereById = new Map(there.map((one) => [one._id, one]));
  const moves = some.map((plan) => moveOf(plan, thereById));
  const documents = moves.flatMap(({ documents }) => documents);
  if (documents.length > 0)
    await schemas.bulkWrite(
      documents.map(({ _id, ...replacement }) => ({
        replaceOne: { filter: { _id }, replacement, upsert: true },
      })),
      { session },
    );
  await plans.bulkWrite(
    moves.map(({ filter, update }) => ({ updateOne: { filter, update } })),
    { session },
  );
  return some.length;
}

const modulesOf = (plan: PlanDocument) => Object.keys(plan.modules) as ModuleName[];

function moveOf(plan: PlanDocument, there: ReadonlyMap<string, SchemaDocument>) {
  const documents: SchemaDocument[] = [];
  const set: Record<string, unknown> = {};
  const unset: Record<string, ''> = {};
  for (const module of modulesOf(plan)) {
    const path = `modules.${module}`;
    const { fields, retired = [] } = plan.modules[module] as OldState;
    unset[`${path}.fields`] = '';
    unset[`${path}.retired`] = '';
    if (!fields) continue;
    const before = there.get(schemaIdOf(plan._id, module));
    const known = before?.life === plan.life ? before : null;
    const user = { userKey: plan._id, life: plan.life, userId: plan.userId };
    const document = schemaDocument(user, module, joined({ fields, retired }, known));
    documents.push(document);
    set[`${path}.schema`] = document.version;
    set[`${path}.dropped`] = fields.dropped;
    // Two versions have described it: which of the lists is right, Odoo says.
    if (known) set[`${path}.describedAt`] = null;
  }
  const update = { $unset: unset, ...(documents.length > 0 ? { $set: set } : {}) };
  return { documents, filter: { _id: plan._id }, update: update as object };
}

/** A schema, with all that was retired or mirrored by another. */
const joined = ({ fields, retired }: ModuleSchema, other: ModuleSchema | null): ModuleSchema => ({
  fields,
  retired: retiredFields(
    { fields: other?.fields ?? fields, retired: [...retired, ...(other?.retired ?? [])] },
    fields,
  ),
});
