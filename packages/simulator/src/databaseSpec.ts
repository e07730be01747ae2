import { z } from 'zod';

/** How many records a model has and when they were last written. */
export const modelSpecSchema = z.strictObject({
  count: z.number().int().min(0).max(20_000_000),
  /** The writes spread over so many days before `until`; 90 unless told. */
  days: z.number().positive().max(20_000).optional(),
  /** On so many of those days, by working hours; the other days are empty, as in most companies. An eighth of `days` unless told. */
  activeDays: z.number().int().positive().optional(),
  /** The last moment of the spread; the clock at the database's making unless told. */
  until: z.string().optional(),
  /** So many of the newest records were written in one moment, as by a CSV import. */
  bursts: z.array(z.strictObject({ at: z.string(), count: z.number().int().positive() })).optional(),
  /** The archived share; 0.05 unless told, and 0 for models without `active`. */
  archived: z.number().min(0).max(1).optional(),
});

export const userSpecSchema = z.strictObject({
  login: z.string(),
  password: z.string(),
  apiKey: z.string().optional(),
  uid: z.number().int().positive().optional(),
  /** Groups by external id; without the list the user may do everything. */
  groups: z.array(z.string()).optional(),
});

const modelNames = z.enum(['res.partner', 'sale.order', 'account.move', 'hr.employee']);

export const databaseSpecSchema = z.strictObject({
  name: z.string().min(1),
  seed: z.number().int().optional(),
  /** 14 to 20; 19 unless told. */
  version: z.number().int().min(14).max(20).optional(),
  models: z.partialRecord(modelNames, modelSpecSchema).optional(),
  /** `admin` with password `admin` and API key `key-<database>` unless told. */
  users: z.array(userSpecSchema).optional(),
  /** How far the `Date` header of this database's answers stands ahead of the clock that stamps write_date. */
  dateSkewMs: z.number().optional(),
});

export type ModelSpec = z.input<typeof modelSpecSchema>;
export type UserSpec = z.input<typeof userSpecSchema>;
export type DatabaseSpec = z.input<typeof databaseSpecSchema>;
