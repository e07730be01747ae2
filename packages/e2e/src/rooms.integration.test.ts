import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = join(ROOT, '.dependency-cruiser.mjs');

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}
interface Cruised {
  readonly summary: {
    readonly violations: readonly Violation[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

const INDEXED = [
  'core',
  'engine',
  'odoo',
  'store-mongo',
  'queue',
  'runtime',
  'local-servers',
  'simulator',
  'testkit',
  'e2e',
];
const LIBRARIES = ['mongodb', 'bullmq', 'ioredis', 'axios', 'zod', '@jest/globals'];

/** File, what it imports, and the rule that forbids it. */
const WRONG: readonly (readonly [file: string, imported: string, rule: string])[] = [
  ['packages/queue/src/round.ts', './roundAbout.js', 'no-circle'],
  ['packages/queue/src/lost.ts', './nowhere.js', 'found'],
  ['packages/cellar/src/index.ts', '@odoo-sync/core', 'package-has-rules'],
  ['packages/core/src/a.ts', '@odoo-sync/engine', 'core-knows'],
  ['packages/engine/src/a.ts', '@odoo-sync/store-mongo', 'engine-knows'],
  ['packages/odoo/src/a.ts', '@odoo-sync/queue', 'odoo-knows'],
  ['packages/store-mongo/src/a.ts', '@odoo-sync/queue', 'store-mongo-knows'],
  ['packages/queue/src/a.ts', '@odoo-sync/runtime', 'queue-knows'],
  ['packages/runtime/src/a.ts', '@odoo-sync/engine', 'runtime-knows'],
  ['packages/compare/src/a.ts', '@odoo-sync/odoo', 'compare-knows'],
  ['packages/terminal/src/a.ts', '@odoo-sync/engine', 'terminal-knows'],
  ['packages/local-servers/src/a.ts', '@odoo-sync/core', 'local-servers-knows'],
  ['packages/simulator/src/a.ts', '@odoo-sync/odoo', 'simulator-knows'],
  ['packages/testkit/src/a.ts', '@odoo-sync/e2e', 'testkit-knows'],
  ['packages/e2e/src/a.ts', '../../cellar/src/index.js', 'e2e-knows'],
  ['packages/core/src/a.unit.test.ts', '@odoo-sync/odoo', 'core-tests-know'],
  ['packages/engine/src/a.unit.test.ts', '@odoo-sync/store-mongo', 'engine-tests-know'],
  ['packages/odoo/src/a.unit.test.ts', '@odoo-sync/queue', 'odoo-tests-know'],
  ['packages/store-mongo/src/a.unit.test.ts', '@odoo-sync/queue', 'store-mongo-tests-know'],
  ['packages/queue/src/a.unit.test.ts', '@odoo-sync/store-mongo', 'queue-tests-know'],
  ['packages/runtime/src/a.unit.test.ts', '@odoo-sync/e2e', 'runtime-tests-know'],
  ['packages/compare/src/a.unit.test.ts', '@odoo-sync/odoo', 'compare-tests-know'],
  ['packages/terminal/src/a.unit.test.ts', '@odoo-sync/e2e', 'terminal-tests-know'],
  ['packages/local-servers/src/a.unit.test.ts', '@odoo-sync/odoo', 'local-servers-tests-know'],
  ['packages/simulator/src/a.unit.test.ts', '@odoo-sync/odoo', 'simulator-tests-know'],
  ['packages/testkit/src/a.unit.test.ts', '@odoo-sync/e2e', 'testkit-tests-know'],
  ['packages/e2e/src/a.unit.test.ts', '../../cellar/src/index.js', 'e2e-tests-know'],
  ['packages/runtime/src/b.ts', '../../../apps/worker/src/index.js', 'no-app-imported'],
  ['apps/cli/src/a.ts', '../../worker/src/index.js', 'no-app-imported'],
  ['apps/worker/src/a.ts', '@odoo-sync/simulator', 'apps-run-alone'],
  ['apps/worker/src/b.ts', '@odoo-sync/e2e', 'e2e-is-last'],
  ['packages/engine/src/b.ts', '../../core/src/inner.js', 'by-the-front-door'],
  ['packages/queue/src/b.ts', './testing/fake.js', 'no-tests-in-production'],
  ['packages/queue/src/c.ts', '@jest/globals', 'no-tests-in-production'],
  ['apps/cli/src/b.ts', 'mongodb', 'mongodb-at-home'],
  ['apps/api/src/a.ts', 'bullmq', 'bullmq-at-home'],
  ['apps/api/src/b.ts', 'ioredis', 'ioredis-at-home'],
  ['apps/cli/src/c.ts', 'axios', 'axios-at-home'],
  ['packages/core/src/b.ts', 'node:fs', 'core-of-node'],
  ['packages/core/src/c.ts', 'zod', 'core-of-libraries'],
  ['packages/engine/src/d.ts', 'node:timers/promises', 'engine-of-node'],
  ['packages/engine/src/e.ts', 'zod', 'engine-of-libraries'],
  ['packages/e2e/src/oracle/a.ts', '@odoo-sync/core', 'oracle-on-its-own'],
  ['packages/e2e/src/oracle/b.ts', '../harness/world.js', 'oracle-on-its-own'],
];

/** What a rule must leave alone. */
const RIGHT: readonly (readonly [file: string, imported: string])[] = [
  ['packages/engine/src/f.ts', '@odoo-sync/core'],
  ['packages/engine/src/g.ts', 'node:crypto'],
  ['packages/core/src/d.ts', 'node:timers/promises'],
  ['packages/runtime/src/c.ts', '@odoo-sync/store-mongo'],
  ['packages/store-mongo/src/b.ts', 'mongodb'],
  ['packages/queue/src/d.ts', 'bullmq'],
  ['packages/odoo/src/b.ts', 'axios'],
  ['packages/queue/src/b.integration.test.ts', '@odoo-sync/local-servers'],
  ['packages/queue/src/b.integration.test.ts', '@odoo-sync/engine'],
  ['packages/queue/src/b.integration.test.ts', './testing/fake.js'],
  ['packages/local-servers/src/b.ts', 'mongodb'],
  ['packages/e2e/src/oracle/c.ts', 'mongodb'],
  ['apps/bench/src/a.ts', 'ioredis'],
  ['apps/worker/src/a.unit.test.ts', '@odoo-sync/simulator'],
  ['apps/worker/src/main.ts', './index.js'],
];

describe('the rules of the rooms', () => {
  let root: string;
  let cruised: Cruised;

  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    appendFileSync(join(root, file), text);
  };

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'odoo-sync-rooms-'));
    for (const name of INDEXED) {
      write(`packages/${name}/src/index.ts`, 'export interface X {}\n');
      const exports = { '.': { source: './src/index.ts', default: './dist/index.js' } };
      write(`packages/${name}/package.json`, JSON.stringify({ name: `@odoo-sync/${name}`, exports }));
      mkdirSync(join(root, 'node_modules/@odoo-sync'), { recursive: true });
      symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@odoo-sync', name));
    }
    for (const name of LIBRARIES) {
      write(`node_modules/${name}/index.js`, 'export {};\n');
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: 'module', main: 'index.js' }));
    }
    write('packages/core/src/inner.ts', 'export interface X {}\n');
    write('packages/queue/src/testing/fake.ts', 'export interface X {}\n');
    write('packages/queue/src/roundAbout.ts', "export type { X } from './round.js';\n");
    write('packages/e2e/src/harness/world.ts', 'export interface X {}\n');
    write('apps/worker/src/index.ts', 'export interface X {}\n');
    for (const [file, imported] of [...WRONG, ...RIGHT])
      write(file, `import type { X } from '${imported}';\n`);
    const args = [CRUISER, '--config', CONFIG, '--output-type', 'json', 'packages', 'apps'];
    cruised = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })) as Cruised;
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const against = (file: string): readonly string[] =>
    cruised.summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

  test.each(WRONG)('%s may not import %s: %s', (file, _imported, rule) => {
    expect(against(file)).toContain(rule);
  });

  test.each(RIGHT)('%s may import %s', (file) => {
    expect(against(file)).toEqual([]);
  });

  test('are all in the table above', () => {
    const rules = cruised.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    expect(rules.filter((name) => !WRONG.some(([, , rule]) => rule === name))).toEqual([]);
  });
});
