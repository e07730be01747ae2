import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { freePort, guard } from '../../../packages/local-servers/dist/index.js';

const START_LIMIT_MS = 60_000;
/** As long as a scrape may take while a server is away. */
const SCRAPE = '5s';

/** The rules with their time made short. */
function hastened(rules) {
  const { groups } = parse(rules);
  for (const group of groups)
    for (const rule of group.rules) {
      if (rule.for) rule.for = '5s';
      rule.expr = rule.expr.replaceAll(/\[\d+[mh]\]/g, '[30s]');
    }
  return stringify({ groups });
}

/** Starts the `prometheus` of PATH on a private folder and port. */
export async function startPrometheus(targets, rules) {
  const folder = await mkdtemp(join(tmpdir(), 'odoo-sync-prometheus-'));
  await writeFile(join(folder, 'rules.yaml'), hastened(rules));
  const config = {
    global: { scrape_interval: SCRAPE, scrape_timeout: SCRAPE, evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: [{ job_name: 'odoo-sync', static_configs: [{ targets }] }],
  };
  await writeFile(join(folder, 'prometheus.yml'), stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=error',
  ];
  const child = spawn('prometheus', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error))]);
  child.once('exit', guard(child.pid, folder));
  const end = performance.now() + START_LIMIT_MS;
  while (
    !(await fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (performance.now() > end || child.exitCode !== null) throw new Error('prometheus does not start');
    await pause(200);
  }
  const api = async (path) => {
    const answer = await (await fetch(`http://${address}/api/v1/${path}`)).json();
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    async ask(expr) {
      return (await api(`query?query=${encodeURIComponent(expr)}`)).result;
    },
    /** The names of the alerts that fire now. */
    async firing() {
      const { alerts } = await api('alerts');
      const firing = alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
      return [...new Set(firing)].sort();
    },
    async close() {
      if (child.exitCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
