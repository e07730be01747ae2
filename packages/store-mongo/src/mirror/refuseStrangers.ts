import { moduleOf, type SourceRecord, SyncError, type WriteScope } from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { ofLife } from '../collections.js';
import type { StoreContext } from '../context.js';

const NAMED = 3;

/** A record that was created at another time than the one of the same id in the mirror. */
interface Stranger {
  readonly odooId: number;
  readonly stored: Date;
  readonly came: Date;
}

/**
 * Refuses to overwrite records by those of another database: a backup that was restored, or a copy that was put in its place, gives the
 * same ids to other records. Odoo never gives an id twice, nor changes when a record was created: one such record may be somebody's SQL
 * and is remembered, a second one is no accident.
 * @param records whose documents are about to be changed.
 * @throws SyncError `identity`
 */
export async function refuseStrangers(
  context: StoreContext,
  scope: WriteScope,
  records: readonly SourceRecord[],
  session: ClientSession,
): Promise<void> {
  const { user, module } = scope;
  // To a login without the right to it, Odoo 19 shows the dates of another model in the place of these.
  if (moduleOf(module).silent) return;
  const strangers = await strangersIn(context, scope, records, session);
  const [first] = strangers;
  if (!first) return;
  const plan = await context.plans.findOne(ofLife(user), { session, projection: { stranger: 1 } });
  const known = plan?.stranger;
  const isAnother = known && (known.module !== module || known.odooId !== first.odooId);
  if (strangers.length > 1 || isAnother) throw another(scope, strangers);
  await context.plans.updateOne(
    ofLife(user),
    { $set: { stranger: { module, odooId: first.odooId } } },
    { session },
  );
}

async function strangersIn(
  context: StoreContext,
  { user, module }: WriteScope,
  records: readonly SourceRecord[],
  session: ClientSession,
): Promise<readonly Stranger[]> {
  const createdAt = new Map<number, Date>();
  for (const { odooId, fields } of records)
    if (fields.create_date instanceof Date) createdAt.set(odooId, fields.create_date);
  const { databaseAcceptedAt: acceptedAt } = user;
  const found = context.mirror(moduleOf(module).collection).find(
    {
      userId: user.userId,
      odooId: { $in: [...createdAt.keys()] },
      ...(acceptedAt ? { '_sync.lastChanged': { $gt: acceptedAt } } : {}),
    },
    { session, projection: { _id: 0, odooId: 1, create_date: 1 } },
  );
  const strangers: Stranger[] = [];
  for await (const { odooId, create_date: stored } of found) {
    const came = createdAt.get(odooId);
    if (came && stored instanceof Date && stored.getTime() !== came.getTime())
      strangers.push({ odooId, stored, came });
  }
  return strangers;
}

function another({ user, module }: WriteScope, strangers: readonly Stranger[]): SyncError {
  const { url, db } = user.address;
  const named = strangers
    .slice(0, NAMED)
    .map(
      ({ odooId, stored, came }) =>
        `${odooId} was created at ${stored.toISOString()}, and now at ${came.toISOString()}`,
    );
  return new SyncError(
    'identity',
    `another database seems to answer as ${db} at ${url}: of its ${module}, ${named.join('; ')}. Nothing was written. Where a backup was restored, or another database is to be mirrored, accept it (\`odoo-sync user accept-database ${user.userKey}\`), or remove the user and add it again; else correct what stands behind that URL`,
  );
}
