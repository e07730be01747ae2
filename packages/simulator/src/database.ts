import { type Moment, millisecondsOf, type SimulatedClock } from './clock.js';
import type { DatabaseSpec } from './databaseSpec.js';
import { fieldsOf, MODELS, type ModelName } from './fieldTable.js';
import type { World } from './generate/row.js';
import { PageWriter } from './pages.js';
import { jsonWriterFor, parseBytes } from './pythonJson.js';
import { hashText } from './random.js';
import { seedTable } from './seedTable.js';
import { staticRecords } from './staticModels.js';
import type { Table, WrittenValues } from './table.js';
import {
  type CreateOptions,
  SimulatedTransaction,
  type TransactionHome,
  type WriteOptions,
} from './transaction.js';
import { makeUser, type SimulatedUser, type UserChange } from './users.js';
import { encodeValues } from './writtenValues.js';

interface At {
  /** The start of the writing transaction, now unless told. A number is milliseconds since 1970. */
  readonly at?: Moment;
}

/** A record as the API gives it to an administrator. */
export type ApiRecord = { readonly id: number } & Readonly<Record<string, unknown>>;

const uuidOf = (seed: number): string =>
  `${(seed >>> 0).toString(16).padStart(8, '0')}-0000-1000-8000-000000000000`;

/** One simulated Odoo database: four generated models, users, and the hands that change them. */
export class SimulatedDatabase implements TransactionHome {
  readonly name: string;
  readonly version: number;
  readonly users: SimulatedUser[];
  dateSkewMs: number;
  /** `database.uuid`: of this database alone, until another is put in its place. */
  uuid: string;
  /** Requests answered, by `model.method` (and `common.authenticate`). */
  readonly requests = new Map<string, number>();
  readonly #clock: SimulatedClock;
  readonly #tables = new Map<ModelName, Table>();
  readonly #writers = new Map<ModelName, PageWriter>();

  constructor(spec: DatabaseSpec, clock: SimulatedClock) {
    this.name = spec.name;
    this.version = spec.version ?? 19;
    this.dateSkewMs = spec.dateSkewMs ?? 0;
    this.#clock = clock;
    const users = spec.users ?? [{ login: 'admin', password: 'admin', apiKey: `key-${spec.name}` }];
    this.users = users.map((user, index) => makeUser(user, user.uid ?? index + 2));
    const seed = hashText(`${spec.seed ?? 1} ${spec.name}`);
    this.uuid = uuidOf(seed);
    const countOf = (model: ModelName): number => spec.models?.[model]?.count ?? 0;
    const world: World = {
      hash: seed,
      partners: Math.max(1, countOf('res.partner')),
      employees: Math.max(1, countOf('hr.employee')),
    };
    for (const model of MODELS) {
      const table = seedTable(
        model,
        spec.models?.[model] ?? { count: 0 },
        hashText(`${seed} ${model}`),
        clock.now(),
      );
      this.#tables.set(model, table);
      this.#writers.set(model, new PageWriter(table, world, this.version));
    }
  }

  table(model: ModelName): Table {
    return this.#tables.get(model)!;
  }

  writer(model: ModelName): PageWriter {
    return this.#writers.get(model)!;
  }

  /** Opens a transaction that started at `at`; see SimulatedTransaction. */
  begin({ at }: At = {}): SimulatedTransaction {
    return new SimulatedTransaction(
      this,
      at === undefined ? this.#clock.microseconds() : millisecondsOf(at) * 1000 + 84_132,
    );
  }

  create(model: ModelName, count: number, options: At & CreateOptions = {}): number[] {
    return this.#inOne(options, (transaction) => transaction.create(model, count, options));
  }

  write(model: ModelName, ids: readonly number[], options: At & WriteOptions = {}): void {
    this.#inOne(options, (transaction) => transaction.write(model, ids, options));
  }

  unlink(model: ModelName, ids: readonly number[]): void {
    this.#inOne({}, (transaction) => transaction.unlink(model, ids));
  }

  archive(
    model: ModelName,
    ids: readonly number[],
    options: At & { readonly archived?: boolean } = {},
  ): void {
    this.#inOne(options, (transaction) => transaction.archive(model, ids, options.archived));
  }

  /** New records that share one write_date, as a CSV import gives them. */
  csvBurst(model: ModelName, count: number, at?: Moment): number[] {
    return this.create(model, count, at === undefined ? {} : { at });
  }

  /** Touches every record of a model in one moment, as installing a module does; returns how many. */
  installModule(model: ModelName, { at }: At = {}): number {
    return this.table(model).touchAll(this.begin(at === undefined ? {} : { at }).startedAt);
  }

  /** Ids of every record, archived ones too, ascending. */
  ids(model: ModelName): number[] {
    const table = this.table(model);
    const ids: number[] = [];
    for (let id = 1; id < table.nextId; id += 1) if (table.exists(id)) ids.push(id);
    return ids;
  }

  /** A record as an administrator's `read` gives it, every field that the simulator knows unless fields are named. */
  row(model: ModelName, id: number, fields?: readonly string[]): ApiRecord | undefined {
    return this.table(model).exists(id) ? this.rows(model, [id], fields)[0] : undefined;
  }

  rows(
    model: ModelName,
    ids: readonly number[],
    fields: readonly string[] = Object.keys(fieldsOf(this.version, model)),
  ): ApiRecord[] {
    return parseBytes(this.writer(model).page(ids, fields, this.#clock.now())) as ApiRecord[];
  }

  /** Every record, archived ones too, in id order; made piece by piece so that a million can be walked through. */
  *all(model: ModelName, fields?: readonly string[]): Generator<ApiRecord> {
    const ids = this.ids(model);
    for (let from = 0; from < ids.length; from += 1000)
      yield* this.rows(model, ids.slice(from, from + 1000), fields);
  }

  user(login: string): SimulatedUser {
    const user = this.users.find((candidate) => candidate.login === login);
    if (user === undefined) throw new Error(`Database "${this.name}" has no user "${login}"`);
    return user;
  }

  /** Changes a password, key or right; the next request meets it. */
  changeUser(login: string, change: UserChange): void {
    Object.assign(this.user(login), change);
  }

  encode(model: ModelName, values: Readonly<Record<string, unknown>>, id: number | undefined): WrittenValues {
    const fields = fieldsOf(this.version, model);
    const current = (field: string): string => {
      if (id !== undefined && this.table(model).exists(id))
        return this.writer(model).value(id, field, this.#clock.now());
      const type = fields[field]?.type;
      return type === 'one2many' || type === 'many2many' ? '[]' : type === 'integer' ? '0' : 'false';
    };
    return encodeValues(model, fields, values, {
      write: jsonWriterFor(this.version),
      nameOf: (relation, other) => this.#nameOf(relation, other),
      current,
    });
  }

  #nameOf(relation: string, id: number): string | undefined {
    const known = staticRecords(relation)?.find(([candidate]) => candidate === id)?.[1];
    if (known !== undefined) return known;
    const model = MODELS.find((candidate) => candidate === relation);
    return model !== undefined && this.table(model).exists(id)
      ? (parseBytes(this.writer(model).value(id, 'display_name', 0)) as string)
      : undefined;
  }

  #inOne<T>({ at }: At, work: (transaction: SimulatedTransaction) => T): T {
    const transaction = this.begin(at === undefined ? {} : { at });
    const result = work(transaction);
    transaction.commit();
    return result;
  }
}
