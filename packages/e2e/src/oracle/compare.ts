import { isDeepStrictEqual } from 'node:util';
import type { Db } from 'mongodb';
import { comparable, expectedValue } from './expected.js';
import { ORACLE_MODULES, type OracleModule } from './modules.js';
import { allRows, fieldTypes, type OracleOdoo, type Row } from './odoo.js';

export interface Comparison {
  readonly module: string;
  /** Records in the source whose write_date is not before the tiling's start. */
  readonly source: number;
  /** Documents of this user. */
  readonly store: number;
  /** One line for each difference; at most 20 are kept, all are counted. */
  readonly differences: readonly string[];
  readonly different: number;
}

export interface CompareOptions {
  readonly odoo: OracleOdoo;
  readonly db: Db;
  readonly userId: unknown;
  /** Records last written before this are none of the mirror's business. */
  readonly from: Date;
}

const KEPT = 20;
const OURS = new Set(['_id', 'userId', 'odooId', '_sync']);

/** Compares source and mirror record by record and field by field, for all modules. */
export async function compareAll(options: CompareOptions): Promise<readonly Comparison[]> {
  const results: Comparison[] = [];
  for (const module of ORACLE_MODULES) results.push(await compareModule(options, module));
  return results;
}

/** One line a difference over all modules: empty when the mirror is equal. For assertions. */
export async function differences(options: CompareOptions): Promise<readonly string[]> {
  return (await compareAll(options)).flatMap((one) =>
    one.differences.map((line) => `${one.module}: ${line}`),
  );
}

async function compareModule(
  { odoo, db, userId, from }: CompareOptions,
  module: OracleModule,
): Promise<Comparison> {
  const kept: string[] = [];
  let different = 0;
  const note = (line: string) => {
    different++;
    if (kept.length < KEPT) kept.push(line);
  };
  const types = await fieldTypes(odoo, module.model);
  const mirror = db.collection(module.collection);
  const mirrored = await mirror.findOne({ userId });
  const extra = Object.keys(mirrored ?? {}).filter((name) => types.has(name) && !OURS.has(name));
  const must = module.fields.filter((name) => types.has(name) && types.get(name) !== 'binary');
  const fields = [...new Set([...must, ...extra])];
  const seen = new Set<number>();
  let source = 0;
  const since = from.toISOString().slice(0, 19).replace('T', ' ');
  for await (const rows of allRows(
    odoo,
    module.model,
    [...module.domain, ['write_date', '>=', since]],
    fields,
  )) {
    const stored = await mirror.find({ userId, odooId: { $in: rows.map((row) => row.id) } }).toArray();
    for (const row of rows) {
      source++;
      const found = stored.filter((document) => document.odooId === row.id);
      if (found.length !== 1) note(`record ${row.id} is stored ${found.length} times`);
      seen.add(row.id);
      const document = found[0];
      if (document) for (const line of fieldDifferences(row, document, fields, types, module)) note(line);
    }
  }
  let store = 0;
  for await (const document of mirror.find({ userId }, { projection: { odooId: 1, '_sync.deletedAt': 1 } })) {
    store++;
    if (!seen.has(document.odooId) && !document._sync?.deletedAt)
      note(`record ${document.odooId} is stored, but not in the source`);
  }
  return { module: module.name, source, store, differences: kept, different };
}

function* fieldDifferences(
  row: Row,
  document: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  types: ReadonlyMap<string, string>,
  module: OracleModule,
): Generator<string> {
  const sync = document._sync as { hash?: unknown; deletedAt?: unknown } | undefined;
  if (!sync?.hash || sync.deletedAt) yield `record ${row.id} has _sync ${JSON.stringify(sync)}`;
  for (const name of fields) {
    if (module.volatile.includes(name)) continue;
    const type = types.get(name) ?? '';
    if (!(name in document)) {
      yield `record ${row.id} lacks ${name}`;
      continue;
    }
    const want = expectedValue(type, row[name]);
    const have = comparable(type, document[name]);
    if (!isDeepStrictEqual(want, have))
      yield `record ${row.id}.${name}: source ${JSON.stringify(want)}, store ${JSON.stringify(have)}`;
  }
}
