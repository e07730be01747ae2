import { z } from 'zod';
import type { SimulatedTransaction } from '../transaction.js';
import {
  after,
  at,
  clean,
  count,
  db,
  ids,
  model,
  type OpenTransactions,
  values,
  verb,
  writing,
} from './verb.js';

function transactionOf(open: OpenTransactions, number: number): SimulatedTransaction {
  const transaction = open.get(number);
  if (transaction === undefined) throw new Error(`No open transaction ${number}`);
  return transaction;
}

export const TRANSACTION_VERBS = {
  begin: verb(z.strictObject({ db, at }), (sim, input, open) => {
    const number = Math.max(0, ...open.keys()) + 1;
    open.set(number, sim.db(input.db).begin(clean({ at: input.at })));
    return { transaction: number };
  }),
  'transaction.create': verb(
    z.strictObject({ transaction: z.number(), model, count: count, values }),
    (_, { transaction, model: of, count: many, ...options }, open) => ({
      ids: transactionOf(open, transaction).create(of, many, clean(options)),
    }),
  ),
  'transaction.write': verb(
    z.strictObject({ transaction: z.number(), model, ids, ...writing }),
    (_, { transaction, model: of, ids: list, ...options }, open) =>
      after(transactionOf(open, transaction).write(of, list, clean(options)), {}),
  ),
  'transaction.unlink': verb(z.strictObject({ transaction: z.number(), model, ids }), (_, input, open) =>
    after(transactionOf(open, input.transaction).unlink(input.model, input.ids), {}),
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
};
