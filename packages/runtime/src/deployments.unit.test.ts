import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SETTINGS, type Setting } from './settings.js';

const read = (path: string) => readFileSync(new URL(`../../../docker/${path}`, import.meta.url), 'utf8');
const settings = Object.entries<Setting<unknown>>(SETTINGS);
const names = settings.map(([name]) => name);
const secrets = settings.flatMap(([name, { secret }]) => (secret ? [name] : []));
const needed = settings.flatMap(([name, { fallback }]) => (fallback === null ? [name] : []));
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
    services: Record<string, { command?: string[]; environment?: Record<string, string> }>;
  };
  const programs = ['scheduler', 'worker', 'api'];

  test.each(programs)('gives a %s no setting that is unknown, and each one that it needs', (program) => {
    const variables = Object.keys(services[program]?.environment ?? {});
    expect(services[program]?.command).toEqual([program]);
    expect(variables.filter((name) => !known(name))).toEqual([]);
    expect(needed.filter((name) => !given(variables, name))).toEqual([]);
    // The API is published: it would refuse to start without one.
    expect(given(variables, 'API_TOKEN')).toBe(true);
  });

  test('lets the programs ask the simulator, which is in a private network', () => {
    for (const program of [...programs, 'demo'])
      expect(services[program]?.environment?.ODOO_ALLOW).toMatch(/:-public,private\}$/);
  });

  test('shows no secret: they come by files', () => {
    for (const { environment = {} } of Object.values(services))
      for (const name of secrets) expect(Object.keys(environment)).not.toContain(name);
  });

  test('makes every file of a secret that it names', () => {
    const made = read('compose/secrets.mjs');
    for (const { environment = {} } of Object.values(services))
      for (const [name, file] of Object.entries(environment))
        if (name.endsWith('_FILE')) expect(made).toContain(`once('${file.split('/').at(-1)}'`);
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
    (name) => name !== 'ODOO_ALLOW' && new RegExp(`^ +${name}: |"${name}"`, 'm').test(templates),
  );

  test('takes every setting that it and the image do not give themselves, and no other', () => {
    const rest = names.filter(
      (name) => !own.includes(name) && !ofImage.includes(name) && name !== 'API_PORT',
    );
    expect([...settable].sort()).toEqual(rest.sort());
  });

  test('gives each setting that is needed, and the token, from the Secret', () => {
    expect(own).toEqual(expect.arrayContaining([...needed, ...secrets, 'API_HOST']));
  });
});
