import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Role, SETTINGS, type Setting } from './settings.js';

const read = (path: string) => readFileSync(new URL(`../../../docker/${path}`, import.meta.url), 'utf8');
const settings = Object.entries<Setting<unknown>>(SETTINGS);
const names = settings.map(([name]) => name);
const secrets = settings.flatMap(([name, { secret }]) => (secret ? [name] : []));
const isReadBy = (role: Role, name: string) => {
  const { by } = SETTINGS[name as keyof typeof SETTINGS] as Setting<unknown>;
  return by === undefined || by.includes(role);
};
const neededBy = (role: Role) =>
  settings.flatMap(([name, { fallback }]) => (fallback === null && isReadBy(role, name) ? [name] : []));
const secretsOf = (role: Role) => secrets.filter((name) => isReadBy(role, name));
const PROGRAMS = ['scheduler', 'worker', 'api'] as const;
/** What the image sets, for every way to run it. */
const ofImage = [
  ...(
    read('Dockerfile')
      .split(/^FROM /m)
      .at(-1) ?? ''
  ).matchAll(/^(?:ENV| {4}) ?([A-Z_]+)=/gm),
].map(([, name]) => name as string);

const known = (name: string) =>
  names.includes(name) || (name.endsWith('_FILE') && secrets.includes(name.slice(0, -'_FILE'.length)));
const given = (variables: readonly string[], name: string) =>
  variables.includes(name) || variables.includes(`${name}_FILE`);

describe('the image', () => {
  test('sets nothing that the programs do not know', () => {
    expect(ofImage.filter((name) => !known(name))).toEqual(['NODE_OPTIONS']);
    expect(ofImage).toEqual(
      expect.arrayContaining(['NODE_ENV', 'SPOOL_DIR', 'METRICS_HOST', 'METRICS_PORT']),
    );
  });
});

describe('compose.yaml', () => {
  const { services } = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<
      string,
      { command?: string[]; environment?: Record<string, string>; volumes?: string[] }
    >;
  };
  const variablesOf = (service: string) => Object.keys(services[service]?.environment ?? {});

  test.each(PROGRAMS)('gives a %s each setting that it needs, and none that it does not read', (program) => {
    const variables = variablesOf(program);
    expect(services[program]?.command).toEqual([program]);
    expect(variables.filter((name) => !known(name))).toEqual([]);
    expect(neededBy(program).filter((name) => !given(variables, name))).toEqual([]);
    expect(variables.filter((name) => !isReadBy(program, name.replace(/_FILE$/, '')))).toEqual([]);
    // The API is published: it would refuse to start without one.
    if (program === 'api') expect(given(variables, 'API_TOKEN')).toBe(true);
  });

  test('gives the command line what it needs in the container of a worker, and to the demo', () => {
    for (const service of ['worker', 'demo'])
      expect(neededBy('cli').filter((name) => !given(variablesOf(service), name))).toEqual([]);
  });

  test('lets the programs ask the simulator, which is in a private network', () => {
    for (const program of ['worker', 'demo'])
      expect(services[program]?.environment?.ODOO_ALLOW).toMatch(/:-public,private\}$/);
  });

  test('shows no secret: they come by files', () => {
    for (const { environment = {} } of Object.values(services))
      for (const name of secrets) expect(Object.keys(environment)).not.toContain(name);
  });

  test('mounts a service its own secrets, and all of them where they are made alone', () => {
    const mounted = Object.fromEntries(
      Object.entries(services).map(([service, { volumes = [] }]) => [
        service,
        volumes.filter((volume) => volume.startsWith('secrets')).map((volume) => volume.replace(/:ro$/, '')),
      ]),
    );
    const { secrets: maker, ...others } = mounted;
    expect(maker).toEqual([
      'secrets:/run/odoo-sync',
      ...['redis', 'mongodb', ...PROGRAMS].map((service) => `secrets-${service}:/run/for/${service}`),
    ]);
    for (const [service, volumes] of Object.entries(others)) {
      const own = service === 'demo' ? 'worker' : service;
      const has = ['redis', 'mongodb', 'demo', ...PROGRAMS].includes(service);
      expect({ service, volumes }).toEqual({
        service,
        volumes: has ? [`secrets-${own}:/run/odoo-sync`] : [],
      });
    }
  });

  test('makes every file of a secret that it names, and copies it to the program that is told of it', () => {
    const made = read('compose/secrets.mjs');
    for (const [service, { environment = {} }] of Object.entries(services)) {
      const files = Object.entries(environment)
        .filter(([name]) => name.endsWith('_FILE'))
        .map(([, file]) => file.split('/').at(-1) as string);
      for (const file of files) expect(made).toContain(`once('${file}'`);
      const copied = new RegExp(`^  ${service}: \\[(.*)\\],$`, 'm').exec(made)?.[1] ?? '';
      const has = PROGRAMS.some((program) => program === service);
      if (has) expect(copied).toBe(files.map((file) => `'${file}'`).join(', '));
    }
  });
});

describe('the chart', () => {
  const schema = JSON.parse(read('helm/odoo-sync/values.schema.json'));
  const settable = Object.keys(schema.properties.settings.properties);
  const templates = readdirSync(new URL('../../../docker/helm/odoo-sync/templates', import.meta.url))
    .filter((file) => /\.(yaml|tpl)$/.test(file))
    .map((file) => read(`helm/odoo-sync/templates/${file}`))
    .join('\n');
  /** Given by the chart itself, from values or the Secret. `ODOO_ALLOW` only where nobody sets it. */
  const own = names.filter(
    (name) => name !== 'ODOO_ALLOW' && new RegExp(`^ *${name}: |"${name}"`, 'm').test(templates),
  );

  test('takes every setting that it and the image do not give themselves, and no other', () => {
    const rest = names.filter(
      (name) => !own.includes(name) && !ofImage.includes(name) && name !== 'API_PORT',
    );
    expect([...settable].sort()).toEqual(rest.sort());
  });

  test('gives each setting that is needed, and the token, from the Secret', () => {
    expect(own).toEqual(expect.arrayContaining([...secrets, 'API_HOST']));
    expect(templates).not.toContain('secretKeyRef');
  });

  test('has a word for each program: which keys of the Secret are its own', () => {
    const word = /define "odoo-sync.secrets" -}}\n([\s\S]*?)\{\{- end }}\n\n/.exec(templates)?.[1] ?? '';
    const named = [...word.matchAll(/^([A-Z_]+): /gm)].map(([, name]) => name as string);
    expect([...named].sort()).toEqual([...secrets].sort());
    for (const program of PROGRAMS) expect(templates).toContain(`"component" "${program}" "resources"`);
    expect(secretsOf('worker')).toEqual(secretsOf('cli'));
  });
});
