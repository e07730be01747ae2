import { createHash } from 'node:crypto';
import type { Lane, ModuleName, ModuleSchema, ModuleState, UserRef } from '@odoo-sync/core';
import { ofLife, type SchemaDocument, schemaIdOf } from '../collections.js';
import type { StoreContext } from '../context.js';
import { laneTransaction } from '../lanes/heldLane.js';
import { moduleNotes } from './notes.js';

/** Digest of all that a schema holds: of two with the same version either can be had. */
export const schemaVersion = ({ fields: { fields, dropped, version }, retired }: ModuleSchema): string =>
  createHash('sha256')
    .update(JSON.stringify([fields.map(({ name, type }) => [name, type]), dropped, version, retired]))
    .digest('base64url')
    .slice(0, 16);

/** The document of a module's schema. */
export const schemaDocument = (
  { userKey, life, userId }: UserRef & Pick<SchemaDocument, 'userId'>,
  module: ModuleName,
  schema: ModuleSchema,
): SchemaDocument => ({
  _id: schemaIdOf(userKey, module),
  userId,
  userKey,
  life,
  module,
  version: schemaVersion(schema),
  fields: schema.fields,
  retired: schema.retired,
});

/** A module's schema as it stands; from this process's memory where the version is known there. */
export async function findSchema(
  { schemas, schemaCache }: StoreContext,
  user: UserRef,
  module: ModuleName,
  version: string | null = null,
): Promise<ModuleSchema | null> {
  const known = version === null ? null : schemaCache.get(user, module, version);
  if (known) return known;
  const found = await schemas.findOne({ _id: schemaIdOf(user.userKey, module), life: user.life });
  if (!found) return null;
  const schema = { fields: found.fields, retired: found.retired };
  schemaCache.put(user, module, found.version, schema);
  return schema;
}

/**
 * Writes a module's schema, and its version into the plan, in one transaction under the lane's fence: a turn that has lost its
 * lane writes neither, and nobody sees one without the other.
 */
export async function noteSchema(
  context: StoreContext,
  lane: Lane,
  schema: ModuleSchema,
  patch: Partial<Omit<ModuleState, 'schema'>>,
): Promise<void> {
  const version = schemaVersion(schema);
  const notes = moduleNotes(lane, { ...patch, schema: version });
  const noted = await laneTransaction(context, lane, async (session) => {
    const plan = await context.plans.findOneAndUpdate(ofLife(lane), notes, {
      session,
      projection: { userId: 1 },
    });
    if (!plan) return false;
    const { _id, ...document } = schemaDocument({ ...lane, userId: plan.userId }, lane.module, schema);
    await context.schemas.replaceOne({ _id }, document, { upsert: true, session });
    return true;
  });
  if (noted) context.schemaCache.put(lane, lane.module, version, schema);
}
