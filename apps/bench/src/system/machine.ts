import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findBinary } from '@odoo-sync/local-servers';
import type { Machine } from '../report/rowResult.js';

const run = promisify(execFile);
const GB = 1_000_000_000;

/** What a figure depends on besides the code. */
export async function readMachine(): Promise<Machine> {
  const [mongod, redis] = await Promise.all([versionOf('mongodb'), versionOf('redis')]);
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / GB),
    node: process.versions.node,
    mongod: /v(\d+\.\d+\.\d+)/.exec(mongod)?.[1] ?? 'unknown',
    redis: `${/^\w+/.exec(redis)?.[0] ?? 'Redis'} ${/v=(\S+)/.exec(redis)?.[1] ?? 'unknown'}`,
  };
}

async function versionOf(kind: 'mongodb' | 'redis'): Promise<string> {
  const { path } = await findBinary(kind, { log: () => {} });
  return (await run(path, ['--version'])).stdout;
}
