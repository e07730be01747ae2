import { moduleOf } from '@odoo-sync/core';
import type { DatabaseSpec, ModelName } from '@odoo-sync/simulator';
import { untilTrue } from '../system/progress.js';
import { runCli } from '../system/runCli.js';
import type { Servers } from '../system/servers.js';
import { type FilledLedger, startFollowed } from './followedFleet.js';

const NEWCOMER = 'newcomer';
const MODEL: ModelName = 'res.partner';
const RECORDS = 60;
/** A mass edit is one of more records than this. */
const TAIL_MAX = 20;
const LIMIT_MS = 90_000;
const LOOK_MS = 250;

/** The simulator's database of the user who is added. */
export const newcomerDatabase: DatabaseSpec = {
  name: NEWCOMER,
  models: { [MODEL]: { count: RECORDS, days: 10, activeDays: 5 }, 'sale.order': { count: 10, days: 5 } },
};

/** How long answers about the whole fleet took, in milliseconds. */
export interface Answers {
  readonly statusMs: number;
  readonly dashboardMs: number;
  readonly cliStatusMs: number;
}

/**
 * Asks of a filled ledger everything that is asked of one: tails of the first users, ticks, metrics, every page, every command,
 * and the whole life of a user: added, read, resynced, failed and retried, edited en masse, out of reach, widened, removed.
 */
export async function exerciseFleet(
  servers: Servers,
  ledger: FilledLedger,
  { users, active }: { readonly users: number; readonly active: number },
): Promise<Answers> {
  const { fleet, end } = await startFollowed(servers, ledger, {
    users,
    active,
    workers: 2,
    settings: {
      SCHEDULER_INTERVAL_MS: '1000',
      TAIL_INTERVAL_MS: '1000',
      TAIL_MAX: String(TAIL_MAX),
      BREAKER_PAUSE_MS: '100',
      INITIAL_SYNC_RANGE_DAYS: '10',
    },
  });
  try {
    const { client, url: odoo } = ledger.simulator;
    const api = await fleet.start('api', { API_PORT: '0' });
    const get = (path: string) => ask(`${api.ready.url}${path}`);
    const post = (path: string, body: object = {}) => ask(`${api.ready.url}${path}`, body);
    const cli = (...args: readonly string[]) =>
      runCli({ ...fleet.env, ODOO_API_KEY: `key-${NEWCOMER}` }, ...args);
    const batches = ledger.db.collection('odoosyncbatches');
    const contacts = ledger.db.collection(moduleOf('contacts').collection);
    const caughtUp = () =>
      untilTrue(
        `${NEWCOMER} is caught up`,
        async () => {
          const report = await fleet.store.report(NEWCOMER);
          return report?.caughtUp === true && report.resyncs.every(({ status }) => status === 'succeeded');
        },
        LIMIT_MS,
        LOOK_MS,
      );
    const fail = async () => {
      const failed = await batches.findOneAndUpdate(
        { userKey: NEWCOMER, module: 'contacts', status: 'succeeded', sealedBy: 'pass' },
        { $set: { status: 'failed', dueAt: new Date('2100-01-01T00:00:00Z') } },
      );
      return encodeURIComponent(String(failed?._id));
    };

    await cli('user', 'add', NEWCOMER, '--url', odoo, '--db', NEWCOMER, '--login', 'admin');
    await caughtUp();
    await post(`/users/${NEWCOMER}/resync`);
    await cli('resync', NEWCOMER, '--modules', 'contacts');
    await caughtUp();
    await post(`/turns/${await fail()}/retry`);
    await fail();
    await cli('retry', '--all');
    await caughtUp();
    const edited = new Date(Date.now() - 1_000);
    await client.call('installModule', { db: NEWCOMER, model: MODEL });
    await untilTrue(
      'a mass edit is mirrored',
      async () =>
        (await contacts.countDocuments({ userId: NEWCOMER, write_date: { $gt: edited } })) >= RECORDS,
      LIMIT_MS,
      LOOK_MS,
    );
    await caughtUp();
    await client.call('faults.add', { kind: 'reset', match: { db: NEWCOMER }, times: 6 });
    await cli('user', 'widen', NEWCOMER, '--range-days', '20');
    await cli('user', 'credentials', NEWCOMER, '--no-check');
    await caughtUp();

    const status = await get('/status');
    const dashboard = await get('/dashboard');
    const cliStatus = await cli('status', '--json');
    for (const path of [`/users/${NEWCOMER}`, '/readyz', '/healthz']) await get(path);
    for (const { ready } of [...fleet.workers, fleet.scheduler, api])
      if (ready.monitor) await ask(`${ready.monitor}/metrics`);
    if (fleet.scheduler.ready.monitor) await ask(`${fleet.scheduler.ready.monitor}/scale`);
    await cli('status', NEWCOMER);
    await cli('user', 'list', '--json');
    await cli('compare', NEWCOMER);
    await cli('ledger', 'clear-old');
    await cli('user', 'remove', NEWCOMER, '--yes');
    return { statusMs: status.ms, dashboardMs: dashboard.ms, cliStatusMs: cliStatus.ms };
  } finally {
    await end();
  }
}

/** @throws unless it is answered well. */
async function ask(url: string, body?: object): Promise<{ readonly ms: number }> {
  const began = performance.now();
  const init = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`);
  return { ms: performance.now() - began };
}
