import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig } from './config.js';

const SCRIPT = fileURLToPath(new URL('../../../docker/compose/secrets.mjs', import.meta.url));
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'odoo-sync-compose-'));
  mkdirSync(join(root, 'odoo-sync'));
});
afterEach(() => rmSync(root, { recursive: true }));

const make = () => execFileSync(process.execPath, [SCRIPT, root], { encoding: 'utf8' });
const all = () =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name).slice(root.length + 1),
        readFileSync(join(parentPath, name), 'utf8'),
      ]),
  );
const envOf = (service: string) =>
  Object.fromEntries(
    readdirSync(join(root, 'for', service)).map((name) => [
      `${name.toUpperCase()}_FILE`,
      join(root, 'for', service, name),
    ]),
  );

test('makes the secrets once, and each program starts with its own', () => {
  expect(make()).toContain('made credentials_keys');
  const made = all();
  expect(loadConfig(envOf('worker'), 'worker').credentialsKeys).toHaveLength(1);
  expect(loadConfig(envOf('worker'), 'cli').credentialsKeys).toHaveLength(1);
  expect(loadConfig(envOf('scheduler'), 'scheduler').mongodbUrl).toContain('@mongodb:27017');
  expect(loadConfig({ ...envOf('api'), API_HOST: '0.0.0.0' }, 'api').api.token).toHaveLength(64);
  const holders = (name: string) =>
    Object.keys(made)
      .filter((file) => file.endsWith(`/${name}`))
      .sort();
  for (const [name, service] of [
    ['credentials_keys', 'worker'],
    ['api_token', 'api'],
    ['mongodb_admin_password', 'mongodb'],
    ['redis_password', 'redis'],
  ])
    expect(holders(name ?? '')).toEqual([`for/${service}/${name}`, `odoo-sync/${name}`]);
  expect(make()).toBe('');
  expect(all()).toEqual(made);
});

test('gives a program what an operator has put in the place of a secret', () => {
  make();
  rmSync(join(root, 'odoo-sync', 'api_token'));
  writeFileSync(join(root, 'odoo-sync', 'api_token'), 'another-token-of-mine');
  make();
  expect(all()['for/api/api_token']).toBe('another-token-of-mine');
});
