import { type AnyBulkWriteOperation, MongoClient } from 'mongodb';
import OdooAwait from 'odoo-await';

/**
 * How such a sync is written today for a cron job: the npm package `odoo-await`, pages in id order, upserts in bulk.
 * Told its work as JSON in its argument, it begins at once, and ends with what it took.
 */
export interface CronWork {
  readonly url: string;
  readonly db: string;
  readonly login: string;
  readonly apiKey: string;
  readonly mongodbUrl: string;
  readonly page: number;
  readonly models: readonly CronModel[];
}

export interface CronModel {
  readonly model: string;
  readonly collection: string;
  /** What of the model is synced, as a domain. */
  readonly domain: readonly (readonly unknown[])[];
  readonly fields: readonly string[];
}

export interface CronResult {
  readonly records: number;
  readonly ms: number;
  readonly cpuMs: number;
}

type Row = { readonly id: number } & Record<string, unknown>;

const work = JSON.parse(process.argv[2] ?? '') as CronWork;
const mongo = await new MongoClient(work.mongodbUrl).connect();
const odoo = new OdooAwait({ baseUrl: work.url, db: work.db, username: work.login, password: work.apiKey });
let records = 0;

async function syncModel({ model, collection, domain, fields }: CronModel): Promise<void> {
  const documents = mongo.db().collection(collection);
  await documents.createIndex({ userId: 1, id: 1 }, { unique: true });
  for (let lastId = 0; ; ) {
    const options = { offset: 0, limit: work.page, order: 'id asc', context: { active_test: false } };
    const rows = (await odoo.searchRead(
      model,
      [...domain, ['id', '>', lastId]],
      [...fields],
      options,
    )) as Row[];
    const last = rows.at(-1);
    if (!last) return;
    const upserts: AnyBulkWriteOperation[] = rows.map((row) => ({
      replaceOne: {
        filter: { userId: work.db, id: row.id },
        replacement: { userId: work.db, ...row },
        upsert: true,
      },
    }));
    await documents.bulkWrite(upserts, { ordered: false });
    records += rows.length;
    lastId = last.id;
    if (rows.length < work.page) return;
  }
}

const began = performance.now();
const cpu = process.cpuUsage();
await odoo.connect();
for (const model of work.models) await syncModel(model);
const { user, system } = process.cpuUsage(cpu);
const result: CronResult = { records, ms: performance.now() - began, cpuMs: (user + system) / 1_000 };
await mongo.close();
process.stdout.write(`${JSON.stringify({ ready: true, ...result })}\n`);
process.exit(0);
