import { z } from 'zod';
import { databaseSpecSchema } from '../databaseSpec.js';
import { type EditorState, editorSchema } from '../editor.js';
import { type Fault, faultSchema } from '../faults.js';
import { MODELS } from '../fieldTable.js';
import type { Simulator } from '../simulator.js';
import type { SimulatedTransaction } from '../transaction.js';

const db = z.string();
const model = z.enum(MODELS);
const ids = z.array(z.number().int());
const at = z.union([z.string(), z.number()]).optional();
const values = z.record(z.string(), z.unknown()).optional();
const writing = {
  values,
  sameValues: z.boolean().optional(),
  silent: z.boolean().optional(),
  archived: z.boolean().optional(),
};
const nothing = z.strictObject({});

interface Verb {
  readonly input: z.ZodType;
  readonly run: (simulator: Omit<Simulator, 'url'>, input: never, open: OpenTransactions) => unknown;
}
/** Transactions begun over HTTP and not yet ended, by number. */
export type OpenTransactions = Map<number, SimulatedTransaction>;

function verb<I, O>(
  input: z.ZodType<I>,
  run: (simulator: Omit<Simulator, 'url'>, input: I, open: OpenTransactions) => O,
): { readonly input: z.ZodType<I>; readonly run: typeof run } {
  return { input, run };
}

const clean = <T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;

function transactionOf(open: OpenTransactions, number: number): SimulatedTransaction {
  const transaction = open.get(number);
  if (transaction === undefined) throw new Error(`No open transaction ${number}`);
  return transaction;
}

const clockState = ({ clock }: Omit<Simulator, 'url'>): { now: string; frozen: boolean } => ({
  now: new Date(clock.now()).toISOString(),
  frozen: clock.frozen,
});

/** Every verb of the control API: what it takes and what it does. `POST /_sim/<verb>` with a JSON body. */
export const VERBS = {
  clock: verb(nothing, (sim) => clockState(sim)),
  'clock.set': verb(
    z.strictObject({ to: z.union([z.string(), z.number()]) }),
    (sim, { to }) => (sim.clock.set(to), clockState(sim)),
  ),
  'clock.advance': verb(
    z.strictObject({ ms: z.number() }),
    (sim, { ms }) => (sim.clock.advance(ms), clockState(sim)),
  ),
  'clock.freeze': verb(z.strictObject({ at }), (sim, input) => (sim.clock.freeze(input.at), clockState(sim))),
  'clock.run': verb(nothing, (sim) => (sim.clock.run(), clockState(sim))),
  databases: verb(nothing, (sim) =>
    [...sim.databases.values()].map((database) => ({
      name: database.name,
      version: database.version,
      counts: Object.fromEntries(MODELS.map((one) => [one, database.table(one).count])),
      requests: Object.fromEntries(database.requests),
    })),
  ),
  addDatabase: verb(databaseSpecSchema, (sim, spec) => ({ name: sim.addDatabase(spec as never).name })),
  removeDatabase: verb(z.strictObject({ db }), (sim, input) => (sim.removeDatabase(input.db), {})),
  changeUser: verb(
    z.strictObject({
      db,
      login: z.string(),
      change: z.strictObject({
        password: z.string().optional(),
        apiKey: z.string().optional(),
        keyExpired: z.boolean().optional(),
        active: z.boolean().optional(),
        groups: z.union([z.literal('all'), z.array(z.string())]).optional(),
        unreadable: z.array(z.string()).optional(),
        hiddenFields: z.partialRecord(model, z.array(z.string())).optional(),
        rules: z
          .partialRecord(
            model,
            z.strictObject({
              minId: z.number().optional(),
              maxId: z.number().optional(),
              nth: z.number().optional(),
              none: z.boolean().optional(),
            }),
          )
          .optional(),
      }),
    }),
    (sim, input) => (sim.db(input.db).changeUser(input.login, clean(input.change) as never), {}),
  ),
  create: verb(
    z.strictObject({ db, model, count: z.number().int().positive(), at, values }),
    (sim, { db: name, model: of, count, ...options }) => ({
      ids: sim.db(name).create(of, count, clean(options)),
    }),
  ),
  write: verb(
    z.strictObject({ db, model, ids, at, ...writing }),
    (sim, { db: name, model: of, ids: list, ...options }) => (
      sim.db(name).write(of, list, clean(options)), {}
    ),
  ),
  archive: verb(
    z.strictObject({ db, model, ids, at, archived: z.boolean().optional() }),
    (sim, { db: name, model: of, ids: list, ...options }) => (
      sim.db(name).archive(of, list, clean(options)), {}
    ),
  ),
  unlink: verb(
    z.strictObject({ db, model, ids }),
    (sim, input) => (sim.db(input.db).unlink(input.model, input.ids), {}),
  ),
  csvBurst: verb(z.strictObject({ db, model, count: z.number().int().positive(), at }), (sim, input) => ({
    ids: sim.db(input.db).csvBurst(input.model, input.count, input.at),
  })),
  installModule: verb(z.strictObject({ db, model, at }), (sim, input) => ({
    touched: sim.db(input.db).installModule(input.model, clean({ at: input.at })),
  })),
  begin: verb(z.strictObject({ db, at }), (sim, input, open) => {
    const number = Math.max(0, ...open.keys()) + 1;
    open.set(number, sim.db(input.db).begin(clean({ at: input.at })));
    return { transaction: number };
  }),
  'transaction.create': verb(
    z.strictObject({ transaction: z.number(), model, count: z.number().int().positive(), values }),
    (_, { transaction, model: of, count, ...options }, open) => ({
      ids: transactionOf(open, transaction).create(of, count, clean(options)),
    }),
  ),
  'transaction.write': verb(
    z.strictObject({ transaction: z.number(), model, ids, ...writing }),
    (_, { transaction, model: of, ids: list, ...options }, open) => (
      transactionOf(open, transaction).write(of, list, clean(options)), {}
    ),
  ),
  'transaction.unlink': verb(
    z.strictObject({ transaction: z.number(), model, ids }),
    (_, input, open) => (transactionOf(open, input.transaction).unlink(input.model, input.ids), {}),
  ),
  commit: verb(z.strictObject({ transaction: z.number() }), (_, { transaction }, open) => {
    transactionOf(open, transaction).commit();
    open.delete(transaction);
    return {};
  }),
  rollback: verb(z.strictObject({ transaction: z.number() }), (_, { transaction }, open) => {
    transactionOf(open, transaction).rollback();
    open.delete(transaction);
    return {};
  }),
  ids: verb(z.strictObject({ db, model }), (sim, input) => ({ ids: sim.db(input.db).ids(input.model) })),
  rows: verb(z.strictObject({ db, model, ids, fields: z.array(z.string()).optional() }), (sim, input) => ({
    rows: sim.db(input.db).rows(
      input.model,
      input.ids.filter((id) => sim.db(input.db).table(input.model).exists(id)),
      input.fields,
    ),
  })),
  faults: verb(nothing, (sim) => ({ faults: sim.faults.list() })),
  'faults.add': verb(faultSchema, (sim, fault) => ({ id: sim.faults.add(fault as Fault) })),
  'faults.clear': verb(
    z.strictObject({ id: z.number().optional() }),
    (sim, { id }) => (sim.faults.clear(id), {}),
  ),
  log: verb(z.strictObject({ after: z.number().optional() }), (sim, { after }) => ({
    totals: sim.log.totals,
    requests: sim.log.since(after),
  })),
  editor: verb(nothing, (sim): { editor: EditorState | null } => ({ editor: sim.editor?.state ?? null })),
  'editor.start': verb(editorSchema, (sim, options) => ({ editor: sim.startEditor(options as never).state })),
  'editor.pause': verb(
    nothing,
    (sim): { editor: EditorState | null } => (sim.editor?.pause(), { editor: sim.editor?.state ?? null }),
  ),
  'editor.resume': verb(
    nothing,
    (sim): { editor: EditorState | null } => (sim.editor?.resume(), { editor: sim.editor?.state ?? null }),
  ),
  'editor.stop': verb(nothing, (sim) => (sim.stopEditor(), {})),
} as const satisfies Readonly<Record<string, Verb>>;

export type VerbName = keyof typeof VERBS;
export type VerbInput<V extends VerbName> = z.input<(typeof VERBS)[V]['input']>;
export type VerbOutput<V extends VerbName> = ReturnType<(typeof VERBS)[V]['run']>;
