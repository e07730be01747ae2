import { z } from 'zod';
import { type DatabaseSpec, databaseSpecSchema } from '../databaseSpec.js';
import { MODELS } from '../fieldTable.js';
import { after, at, clean, count, db, ids, model, nothing, values, verb, writing } from './verb.js';

export const DATA_VERBS = {
  databases: verb(nothing, (sim) =>
    [...sim.databases.values()].map((database) => ({
      name: database.name,
      version: database.version,
      counts: Object.fromEntries(MODELS.map((one) => [one, database.table(one).count])),
      requests: Object.fromEntries(database.requests),
    })),
  ),
  addDatabase: verb(databaseSpecSchema, (sim, spec) => ({
    name: sim.addDatabase(spec as DatabaseSpec).name,
  })),
  removeDatabase: verb(z.strictObject({ db }), (sim, input) => after(sim.removeDatabase(input.db), {})),
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
    (sim, input) => after(sim.db(input.db).changeUser(input.login, clean(input.change) as never), {}),
  ),
  create: verb(
    z.strictObject({ db, model, count: count, at, values }),
    (sim, { db: name, model: of, count: many, ...options }) => ({
      ids: sim.db(name).create(of, many, clean(options)),
    }),
  ),
  write: verb(
    z.strictObject({ db, model, ids, at, ...writing }),
    (sim, { db: name, model: of, ids: list, ...options }) =>
      after(sim.db(name).write(of, list, clean(options)), {}),
  ),
  archive: verb(
    z.strictObject({ db, model, ids, at, archived: z.boolean().optional() }),
    (sim, { db: name, model: of, ids: list, ...options }) =>
      after(sim.db(name).archive(of, list, clean(options)), {}),
  ),
  unlink: verb(z.strictObject({ db, model, ids }), (sim, input) =>
    after(sim.db(input.db).unlink(input.model, input.ids), {}),
  ),
  csvBurst: verb(z.strictObject({ db, model, count: count, at }), (sim, input) => ({
    ids: sim.db(input.db).csvBurst(input.model, input.count, input.at),
  })),
  installModule: verb(z.strictObject({ db, model, at }), (sim, input) => ({
    touched: sim.db(input.db).installModule(input.model, clean({ at: input.at })),
  })),
  ids: verb(z.strictObject({ db, model }), (sim, input) => ({ ids: sim.db(input.db).ids(input.model) })),
  rows: verb(z.strictObject({ db, model, ids, fields: z.array(z.string()).optional() }), (sim, input) => ({
    rows: sim.db(input.db).rows(
      input.model,
      input.ids.filter((id) => sim.db(input.db).table(input.model).exists(id)),
      input.fields,
    ),
  })),
};
