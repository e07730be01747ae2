import { z } from 'zod';
import { MODELS } from '../fieldTable.js';
import type { Simulator } from '../simulator.js';
import type { SimulatedTransaction } from '../transaction.js';

/** Transactions begun over HTTP and not yet ended, by number. */
export type OpenTransactions = Map<number, SimulatedTransaction>;
/** What verbs act on: the simulator, less its address, which they can't need. */
export type Subject = Omit<Simulator, 'url'>;

/** One verb of the control API: what it takes, and what it does and answers. */
export interface Verb<S extends z.ZodType = z.ZodType, O = unknown> {
  readonly input: S;
  readonly run: (simulator: Subject, input: z.output<S>, open: OpenTransactions) => O;
}

export function verb<S extends z.ZodType, O>(input: S, run: Verb<S, O>['run']): Verb<S, O> {
  return { input, run };
}

/** `value`, once `done` (evaluated before it) has happened. */
export const after = <T>(_done: unknown, value: T): T => value;

/** The same object without its undefined entries, which optional properties here don't take. */
export const clean = <T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;

export const nothing = z.strictObject({});
export const db = z.string();
export const model = z.enum(MODELS);
export const ids = z.array(z.number().int());
export const at = z.union([z.string(), z.number()]).optional();
export const count = z.number().int().positive();
export const values = z.record(z.string(), z.unknown()).optional();
export const writing = {
  values,
  sameValues: z.boolean().optional(),
  silent: z.boolean().optional(),
  archived: z.boolean().optional(),
};
