import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRegistry, type Registry, startMonitor } from '@odoo-sync/runtime/monitor';
import { parse, stringify } from 'yaml';
import { addFleetMetrics } from '../../../apps/scheduler/src/fleetMetrics.js';
import { createTickMetrics } from '../../../apps/scheduler/src/tickMetrics.js';
import { createWorkerMetrics, showSlots } from '../../../apps/worker/src/createWorkerMetrics.js';
import { selectorsOf } from './harness/promql.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MONITORING = join(ROOT, 'docker/monitoring');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
/** What Prometheus itself adds. */
const OF_PROMETHEUS = ['up', 'ALERTS'];
const LABELS_OF_PROMETHEUS = ['job', 'instance', 'le', 'alertname', 'alertstate', 'severity'];

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string }[];
}

const rules = (
  parse(read('docker/monitoring/alerts.yaml')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('docker/monitoring/dashboard.json')) as {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
};
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const ofDashboard = [
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
  ...dashboard.annotations.list.map(({ expr }) => ['annotations', expr] as const),
];
/** Each query with where it stands; the dashboard's with what Grafana puts into them. */
const queries = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...ofDashboard.map(([where, expr]) => [where, expr.replaceAll('$__rate_interval', '1m')] as const),
];

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const withPromtool = hasPromtool ? describe : describe.skip;
const promtool = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odoo-sync-promtool-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

withPromtool('Prometheus (needs promtool)', () => {
  test('takes the configuration', () => {
    const config = read('docker/monitoring/prometheus.yml').replace('/etc/prometheus', MONITORING);
    writeFileSync(join(folder, 'prometheus.yml'), config);
    const { status, said } = promtool('check', 'config', join(folder, 'prometheus.yml'));
    expect(said).toContain(`${rules.length} rules found`);
    expect(status).toBe(0);
  });

  test('fires each alert where it should, and not just below', () => {
    expect(promtool('test', 'rules', join(MONITORING, 'alerts_test.yaml'))).toEqual({
      status: 0,
      said: expect.stringContaining('SUCCESS'),
    });
  });

  test('can read every query of the dashboard', () => {
    const check = (all: readonly string[]) => {
      const recorded = all.map((expr, index) => ({ record: `query:number${index}`, expr }));
      writeFileSync(join(folder, 'queries.yaml'), stringify({ groups: [{ name: 'all', rules: recorded }] }));
      return promtool('check', 'rules', join(folder, 'queries.yaml'));
    };
    const all = queries.map(([, expr]) => expr);
    expect(check(all)).toEqual({ status: 0, said: expect.stringContaining(`${all.length} rules found`) });
    expect(check([...all, 'sum(rate(up[5m])']).status).not.toBe(0);
  });
});

describe('alerts', () => {
  const cases = parse(read('docker/monitoring/alerts_test.yaml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
  };

  test.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s is explained and tested',
    (alert, { labels, annotations }) => {
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      for (const text of [annotations.summary, annotations.description]) expect(text).toMatch(/^\S.*\.$/);
      expect(annotations.runbook).toBe(`docs/operate.md#${alert.toLowerCase()}`);
      expect(read('docs/operate.md')).toContain(`\n### ${alert}\n`);
      const ofAlert = cases.tests.filter(({ alert_rule_test }) => alert_rule_test[0]?.alertname === alert);
      const firing = ofAlert.filter((one) =>
        one.alert_rule_test.some(({ exp_alerts }) => exp_alerts?.length),
      );
      expect(firing.length).toBeGreaterThan(0);
      expect(ofAlert.length).toBeGreaterThan(firing.length);
    },
  );

  test('are all that the runbooks tell of', () => {
    const [, runbooks = ''] = read('docs/operate.md').split('\n## Runbooks\n');
    const sections = [...runbooks.split('\n## ')[0]!.matchAll(/^### (\S+)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });
});

describe('what is asked', () => {
  /** By the name of each series: the labels that it may have. */
  let known: Map<string, readonly string[]>;

  beforeAll(async () => {
    const worker = createRegistry();
    createWorkerMetrics(worker);
    showSlots(worker, 4, () => 0);
    const scheduler = createRegistry();
    createTickMetrics(scheduler);
    addFleetMetrics(scheduler, { ledger: async () => null, queue: async () => null });
    const stopping = new AbortController().signal;
    const log = { debug: () => {}, warn: () => {} };
    const monitor = await startMonitor({ host: '127.0.0.1', port: 0, registry: worker, stopping, log });
    await monitor.close();
    known = new Map([worker, scheduler].flatMap(seriesOf));
  });

  test.each(queries)('by %s is told by the programs', (_, expr) => {
    const selectors = selectorsOf(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      if (OF_PROMETHEUS.includes(metric)) continue;
      expect([...known.keys()]).toContain(metric);
      for (const label of labels)
        expect([...(known.get(metric) ?? []), ...LABELS_OF_PROMETHEUS]).toContain(label);
    }
  });

  test('is compared by a reading that finds a name that is wrong', () => {
    expect(known.has('odoo_sync_turns_total')).toBe(true);
    expect(known.has('odoo_sync_turn_total')).toBe(false);
    expect(known.get('odoo_sync_turns_total')).toEqual(['kind', 'module', 'outcome']);
  });
});

describe('the dashboard', () => {
  test('tells of each panel what it shows, in which unit', () => {
    expect(panels.length).toBeGreaterThan(15);
    for (const { type, title, description, fieldConfig } of panels) {
      expect([title, description]).toEqual([title, expect.stringMatching(/^[A-Z].*\.$/)]);
      if (type !== 'heatmap')
        expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.any(String)]);
    }
  });
});

function seriesOf(registry: Registry): [string, readonly string[]][] {
  return registry.getMetricsAsArray().flatMap((metric) => {
    const {
      name,
      type,
      labelNames = [],
    } = metric as unknown as {
      name: string;
      type: string;
      labelNames?: readonly string[];
    };
    const names = type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name];
    return names.map((one): [string, readonly string[]] => [one, labelNames]);
  });
}
