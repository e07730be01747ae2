import type { MongoClient } from 'mongodb';

export interface MongoOps {
  readonly commands: number;
  readonly queries: number;
  readonly inserts: number;
  readonly updates: number;
  readonly transactions: number;
}

/** Counts what a mongod does from now on. */
export async function countMongoOps(client: MongoClient): Promise<() => Promise<MongoOps>> {
  const read = async (): Promise<MongoOps> => {
    const { opcounters, transactions } = await client.db('admin').command({ serverStatus: 1 });
    return {
      commands: opcounters.command,
      queries: opcounters.query + opcounters.getmore,
      inserts: opcounters.insert,
      updates: opcounters.update + opcounters.delete,
      transactions: transactions.totalCommitted,
    };
  };
  const before = await read();
  return async () => {
    const after = await read();
    const names = Object.keys(after) as (keyof MongoOps)[];
    return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as MongoOps;
  };
}
