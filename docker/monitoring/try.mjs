// A trial of alerts.yaml and dashboard.json: a fleet on this machine under real faults, watched by a real Prometheus. Tells which alerts
// fired, and how long after the fault; which queries had no data; and whether all alerts went away. Ends with 1 where one expected is missing.
//
//   npm run build && PATH=~/.cache/odoo-sync/bin:$PATH node docker/monitoring/try.mjs
//
// The rules are those of alerts.yaml but for time: `for` is five seconds, and what is counted is counted over half a minute.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { startFleet } from './try/fleet.mjs';
import { startPrometheus } from './try/prometheus.mjs';

const LIMIT_MS = 20 * 60_000;
const ACT_LIMIT_MS = 300_000;
const LOOK_MS = 1_000;
const PROGRAMS = {
  scheduler: 'scheduler',
  'worker-1': 'worker',
  'worker-2': 'worker',
  'worker-3': 'worker',
  api: 'api',
};
const WORKERS = Object.keys(PROGRAMS).filter((name) => PROGRAMS[name] === 'worker');

const began = performance.now();
const seconds = (since) => ((performance.now() - since) / 1_000).toFixed(0);
const say = (text) => console.log(`${seconds(began).padStart(5)} s  ${text}`);
const read = (file) => readFileSync(new URL(file, import.meta.url), 'utf8');
setTimeout(() => {
  console.error(`not at an end after ${LIMIT_MS / 60_000} minutes`);
  process.exit(1);
}, LIMIT_MS).unref();

async function until(what, ask, limitMs = ACT_LIMIT_MS) {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) return fail(`${what}: not within ${limitMs / 1_000} s`);
    await pause(LOOK_MS);
  }
}
function fail(text) {
  say(text);
  process.exitCode = 1;
  return null;
}

const fleet = await startFleet(PROGRAMS);
const prometheus = await startPrometheus(fleet.targets, read('alerts.yaml'));
const always = (kind, database, more = {}) =>
  fleet.fault({
    kind,
    times: 'always',
    ...more,
    match: { ...more.match, ...(database ? { db: database } : {}) },
  });

const everyProcess = async () => (await prometheus.ask('up == 1')).length === fleet.targets.length;

/** A fault, the alerts that must fire, and its end. */
const ACTS = [
  {
    what: 'one user is rejected, one unreachable, and what one is sent is broken',
    begin: async () => {
      await always('expiredKey', 'company-1');
      await always('reset', 'company-2');
      await always('tamper', 'broken', { how: 'withoutWriteDate', match: { window: true } });
      await fleet.addUser('broken');
    },
    alerts: ['OdooSyncUsersNeedAttention', 'OdooSyncBreakersOpen', 'OdooSyncWindowsFailing'],
    end: () => fleet.noFaults(),
  },
  {
    what: 'every Odoo takes 12 s to answer',
    begin: () => always('latency', null, { ms: 12_000 }),
    alerts: ['OdooSyncOdooSlow'],
  },
  {
    what: 'two of three workers are killed in the middle of their turns',
    begin: async () => {
      await fleet.end('worker-1', 'SIGKILL');
      await fleet.end('worker-2', 'SIGKILL');
      await fleet.noFaults();
    },
    alerts: ['OdooSyncProcessDown', 'OdooSyncLeasesExpiring'],
  },
  {
    what: 'one worker is left for all users, and Odoo takes 8 s to answer',
    begin: () => always('latency', null, { ms: 8_000 }),
    alerts: ['OdooSyncWorkersFull'],
    end: async () => {
      await fleet.noFaults();
      await fleet.start('worker-1', 'worker-2');
    },
  },
  {
    what: 'Redis is killed',
    begin: () => fleet.redis.kill('SIGKILL'),
    alerts: ['OdooSyncRedisUnreachable', 'OdooSyncFiguresMissing'],
    end: () => fleet.redis.restart(),
  },
  {
    what: 'MongoDB is killed',
    begin: () => fleet.mongo.kill('SIGKILL'),
    alerts: ['OdooSyncStoreUnreachable', 'OdooSyncNoTick'],
    end: () => fleet.mongo.restart(),
  },
  {
    what: 'every worker is stopped',
    begin: () => Promise.all(WORKERS.map((name) => fleet.end(name, 'SIGTERM'))),
    alerts: ['OdooSyncNoWorker', 'OdooSyncQueueStuck', 'OdooSyncUsersStale'],
    end: () => fleet.start(...WORKERS),
  },
  {
    what: 'the scheduler is stopped',
    begin: () => fleet.end('scheduler', 'SIGTERM'),
    alerts: ['OdooSyncNoScheduler'],
    end: () => fleet.start('scheduler'),
  },
];

async function play({ what, begin, alerts, end = async () => {} }) {
  say(what);
  const since = performance.now();
  const already = new Set(await prometheus.firing());
  const seen = new Set();
  await begin();
  await until(`${what}: ${alerts.join(', ')}`, async () => {
    for (const name of await prometheus.firing()) {
      if (seen.has(name) || (already.has(name) && !alerts.includes(name))) continue;
      seen.add(name);
      say(`    ${name} fires after ${seconds(since)} s${alerts.includes(name) ? '' : ' (not asked for)'}`);
    }
    return alerts.every((name) => seen.has(name));
  });
  await end();
}

/** Every panel's query and every selector of the alerts, by where it stands. */
function queries() {
  const panels = JSON.parse(read('dashboard.json')).panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [`panel ${title}`, expr.replaceAll('$__rate_interval', '30s')]),
  );
  const selectors = parse(read('alerts.yaml'))
    .groups.flatMap(({ rules }) => rules)
    .flatMap(({ alert, expr }) =>
      [...expr.matchAll(/\b(?:odoo_sync|nodejs|up)\w*(?:\{[^}]*\})?/g)].map(([selector]) => [
        alert,
        selector,
      ]),
    );
  return [...panels, ...selectors];
}

async function tellEmpty(when, wrap) {
  const all = queries();
  const empty = [];
  for (const [where, expr] of all)
    if ((await prometheus.ask(wrap(expr))).length === 0) empty.push(`${where}: ${expr}`);
  say(`${when}, ${all.length - empty.length} of ${all.length} queries have data`);
  for (const one of empty) say(`    none: ${one}`);
  return empty;
}

try {
  await until('every process is scraped', everyProcess);
  await until('every user is passed', async () => {
    const [passed] = await prometheus.ask(
      'max(odoo_sync_user_freshness_seconds_count) and max(odoo_sync_worker_slots)',
    );
    return Number(passed?.value[1]) >= fleet.users;
  });
  await pause(30_000);
  await tellEmpty('without a fault', (expr) => expr);
  const firing = await prometheus.firing();
  say(`firing without a fault: ${firing.join(', ') || 'none'}`);
  for (const act of ACTS) await play(act);
  await fleet.renew('company-1');
  say('the faults are gone');
  const since = performance.now();
  // A scheduler that has just started tells nothing yet, and nothing fires on that.
  const told = async () =>
    (await prometheus.ask('max(odoo_sync_users) and max(odoo_sync_queue_jobs)')).length > 0;
  const calm = async () =>
    (await everyProcess()) && (await told()) && (await prometheus.firing()).length === 0;
  if (await until('all is told and no alert fires', calm))
    say(`    all is told and no alert fires after ${seconds(since)} s`);
  else say(`    firing: ${(await prometheus.firing()).join(', ')}`);
  const never = await tellEmpty('over the whole trial', (expr) => `present_over_time((${expr})[20m:5s])`);
  if (never.length > 0) process.exitCode = 1;
} finally {
  await prometheus.close();
  await fleet.close();
}
