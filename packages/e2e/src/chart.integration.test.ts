import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

const CHART = fileURLToPath(new URL('../../../docker/helm/odoo-sync', import.meta.url));
/** What is rendered for where there is no cluster to ask. */
const KUBERNETES = '1.34.0';
const SETS = readdirSync(join(CHART, 'ci'));
const set = (file: string) => ['-f', join(CHART, 'ci', file)];

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: whatever the kind holds
  readonly spec?: any;
}

const helm = (...args: readonly string[]) => execFileSync('helm', args, { encoding: 'utf8', stdio: 'pipe' });
const render = (...args: readonly string[]): Manifest[] =>
  parseAllDocuments(
    helm('template', 'try', CHART, '--namespace', 'odoo-sync', '--kube-version', KUBERNETES, ...args),
  )
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
const find = (manifests: readonly Manifest[], kind: string, component: string) =>
  manifests.find(
    (one) => one.kind === kind && one.metadata.labels?.['app.kubernetes.io/component'] === component,
  );

function hasHelm(): boolean {
  try {
    return helm('version', '--short').startsWith('v3');
  } catch {
    return false;
  }
}
const withHelm = hasHelm() ? describe : describe.skip;

/** Packages of models, each with the schema of its kind. */
const MODELS: Readonly<Record<string, string>> = {
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

async function faultOf({ apiVersion, kind, ...rest }: Manifest): Promise<readonly string[]> {
  const [group = ''] = apiVersion.split('/');
  const packageOf = MODELS[group] ?? 'kubernetes-models';
  const path = `${packageOf}/${apiVersion}/${kind}`;
  const { [kind]: Model } = (await import(path)) as Record<
    string,
    new (
      data: object,
    ) => { validate(): void }
  >;
  if (!Model) return [`${path} holds no ${kind}`];
  try {
    new Model({ apiVersion, kind, ...rest }).validate();
    return [];
  } catch (error) {
    return [`${kind} ${rest.metadata.name}: ${(error as Error).message}`];
  }
}

interface Rule {
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
  readonly to?: readonly unknown[];
}
const portsOf = ({ ports }: Rule) => ports.map(({ port }) => port);
const tcp = (...ports: readonly number[]) => ports.map((port) => ({ port, protocol: 'TCP' }));

withHelm('the chart (needs helm 3)', () => {
  test('passes helm lint with every set of values', () => {
    for (const file of SETS)
      expect(helm('lint', '--strict', '--kube-version', KUBERNETES, CHART, ...set(file))).toContain(
        '0 chart(s) failed',
      );
  });

  test.each(SETS)('renders manifests that fit the schemas of their kinds: %s', async (file) => {
    const manifests = render(...set(file));
    expect(manifests.length).toBeGreaterThan(10);
    const faults: string[] = [];
    for (const manifest of manifests) faults.push(...(await faultOf(manifest)));
    expect(faults).toEqual([]);
  });

  test('has a check that finds a fault', async () => {
    const worker = find(render(), 'Deployment', 'worker');
    expect(await faultOf({ ...(worker as Manifest), spec: { ...worker?.spec, replicas: 'two' } })).toEqual([
      expect.stringContaining('replicas'),
    ]);
  });

  test('passes Pod Security `restricted`: every pod', () => {
    const manifests = render(...set('everything.yaml'));
    const pods = manifests.flatMap(({ kind, spec }) =>
      kind === 'Deployment' ? [spec.template.spec] : kind === 'Pod' ? [spec] : [],
    );
    expect(pods).toHaveLength(5);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of pod.containers)
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });

  test('lets the simulator be asked where it is, and a setting go before that', () => {
    const allowed = (...args: readonly string[]) =>
      (
        render(...args).find(
          ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'try-odoo-sync',
        ) as (Manifest & { readonly data: Readonly<Record<string, string>> }) | undefined
      )?.data.ODOO_ALLOW;
    const simulator = ['--set', 'simulator.enabled=true'];
    const own = ['--set', 'settings.ODOO_ALLOW=loopback'];
    expect([allowed(), allowed(...simulator)]).toEqual([undefined, 'public,private']);
    expect([allowed(...own), allowed(...simulator, ...own)]).toEqual(['loopback', 'loopback']);
  });

  test.each([
    ['scheduler', []],
    ['worker', ['credentials-keys', 'odoo-proxy']],
    ['api', ['api-token']],
    ['test', ['credentials-keys', 'odoo-proxy']],
  ])(
    'mounts a %s its own keys of the Secret as files, and puts none into its environment',
    (component, more) => {
      const manifests = render(...set('everything.yaml'));
      const [pod] = manifests.flatMap(({ kind, metadata, spec }) => {
        if (metadata.labels?.['app.kubernetes.io/component'] !== component) return [];
        return kind === 'Deployment' ? [spec.template.spec] : kind === 'Pod' ? [spec] : [];
      });
      const keys = ['redis-url', 'mongodb-url', ...more].sort();
      const { items, ...secret } = pod.volumes.find(
        ({ name }: { name: string }) => name === 'secrets',
      ).secret;
      expect(secret).toEqual({ secretName: 'odoo-sync-production', defaultMode: 0o440 });
      expect(items.map(({ key }: { key: string }) => key).sort()).toEqual(keys);
      expect(items.every(({ key, path }: { key: string; path: string }) => key === path)).toBe(true);
      const [{ env, envFrom, volumeMounts }] = pod.containers;
      expect(volumeMounts).toContainEqual({ name: 'secrets', mountPath: '/run/odoo-sync', readOnly: true });
      expect(env.filter(({ valueFrom }: { valueFrom?: object }) => valueFrom)).toEqual([]);
      expect(envFrom).toEqual([{ configMapRef: { name: 'try-odoo-sync' } }]);
      const files = env.filter(({ name }: { name: string }) => name.endsWith('_FILE'));
      expect(files.map(({ value }: { value: string }) => value).sort()).toEqual(
        keys.map((key) => `/run/odoo-sync/${key}`),
      );
      for (const { name, value } of files)
        expect(value).toBe(
          `/run/odoo-sync/${name
            .replace(/_FILE$/, '')
            .toLowerCase()
            .replaceAll('_', '-')}`,
        );
    },
  );

  test('mounts no proxy where the Secret names none', () => {
    expect(JSON.stringify(render())).not.toMatch(/odoo-proxy|ODOO_PROXY/);
  });

  test('derives the heap from the memory limit, and the grace of the pods from SHUTDOWN_GRACE_MS', () => {
    const worker = find(render(...set('no-keda.yaml')), 'Deployment', 'worker');
    const pod = worker?.spec.template.spec;
    expect(pod.terminationGracePeriodSeconds).toBe(75);
    expect(pod.containers[0].env).toContainEqual({ name: 'NODE_OPTIONS', value: '--max-old-space-size=614' });
    expect(worker?.spec.replicas).toBe(4);
  });

  test('leaves the number of workers to KEDA where it scales them', () => {
    const manifests = render();
    expect(find(manifests, 'Deployment', 'worker')?.spec).not.toHaveProperty('replicas');
    expect(find(manifests, 'ScaledObject', 'worker')?.spec.triggers).toEqual([
      {
        type: 'metrics-api',
        metadata: {
          url: 'http://try-odoo-sync-scheduler.odoo-sync.svc:9464/scale',
          valueLocation: 'turns',
          targetValue: '4',
        },
      },
    ]);
  });

  test('leaves what the programs ask open, unless that is closed', () => {
    const policies = render().filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.map(({ spec }) => [spec.policyTypes, spec.egress])).toEqual(
      Array(3).fill([['Ingress'], undefined]),
    );
  });

  describe('closed for what the programs ask', () => {
    const closed = (component: string, ...args: readonly string[]): readonly Rule[] => {
      const { spec } = find(
        render('--set', 'networkPolicy.egress.enabled=true', ...args),
        'NetworkPolicy',
        component,
      ) as Manifest;
      expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
      return spec.egress;
    };
    const DNS = [53, 53];

    test('lets a scheduler ask name servers, Redis and MongoDB', () => {
      expect(closed('scheduler').map(portsOf)).toEqual([DNS, [6379], [27017]]);
    });

    test.each(['worker', 'api'])('lets a %s ask Odoos at public addresses too', (component) => {
      const rules = closed(component);
      expect(rules.map(portsOf)).toEqual([DNS, [6379], [27017], [443]]);
      const to = rules.at(-1)?.to;
      expect(to).toEqual([{ ipBlock: { cidr: '0.0.0.0/0', except: expect.any(Array) } }]);
      const [{ ipBlock }] = to as readonly [{ ipBlock: { except: readonly string[] } }];
      const within = new BlockList();
      for (const range of ipBlock.except) {
        const [address = '', bits] = range.split('/');
        within.addSubnet(address, Number(bits));
      }
      const inside = ['10.0.0.1', '10.255.255.254', '172.16.0.1', '172.31.255.254', '192.168.7.7'];
      for (const address of [...inside, '169.254.169.254', '100.100.100.200'])
        expect({ address, kept: within.check(address) }).toEqual({ address, kept: true });
      for (const address of ['9.255.255.255', '172.15.0.1', '172.32.0.1', '192.167.0.1', '192.169.0.1'])
        expect({ address, kept: within.check(address) }).toEqual({ address, kept: false });
    });

    test('takes where the servers are, and a proxy instead of the Odoos', () => {
      const at = (name: string, cidr: string) => [
        '--set',
        `networkPolicy.egress.${name}.to[0].ipBlock.cidr=${cidr}`,
      ];
      const rules = closed(
        'worker',
        ...at('mongodb', '10.20.0.0/24'),
        ...['--set', 'networkPolicy.egress.mongodb.ports={27017,27018}'],
        ...at('odoo', '10.30.0.9/32'),
        ...['--set', 'networkPolicy.egress.odoo.ports={3128}'],
      );
      expect(rules.slice(-2)).toEqual([
        { to: [{ ipBlock: { cidr: '10.20.0.0/24' } }], ports: tcp(27017, 27018) },
        { to: [{ ipBlock: { cidr: '10.30.0.9/32' } }], ports: tcp(3128) },
      ]);
    });

    test('lets nobody but workers and API ask the simulator', () => {
      const simulated = ['--set', 'simulator.enabled=true'];
      expect(closed('worker', ...simulated).map(portsOf)).toContainEqual([8069]);
      expect(closed('scheduler', ...simulated).map(portsOf)).not.toContainEqual([8069]);
    });
  });

  test('rolls the pods when a setting changes', () => {
    const sumOf = (...args: readonly string[]) =>
      find(render(...args), 'Deployment', 'worker')?.spec.template.metadata.annotations['checksum/settings'];
    expect(sumOf()).toBe(sumOf());
    expect(sumOf('--set', 'settings.LOG_LEVEL=debug')).not.toBe(sumOf());
  });

  test.each([
    ['worker.replicas=0', 'replicas'],
    ['worker.concurency=4', 'concurency'],
    ['settings.TAIL_INTERVALL_MS=1', 'TAIL_INTERVALL_MS'],
    ['settings.REDIS_URL=redis://:hunter2@h', 'REDIS_URL'],
    ['worker.resources.limits.memory=lots', 'memory'],
    ['image.pullPolicy=Sometimes', 'pullPolicy'],
    ['networkPolicy.egress.odoo.to=null', '/egress/odoo'],
    ['networkPolicy.egress.odoo=null', '/egress'],
    ['networkPolicy.egress.redis.port=6380', 'port'],
    ['networkPolicy.egress.redis.ports={70000}', '/egress/redis/ports/0'],
  ])('refuses %s', (value, word) => {
    let said = '';
    try {
      render('--set', value);
    } catch (error) {
      said = String((error as { stderr?: string }).stderr);
    }
    expect(said).toContain(word);
  });
});
