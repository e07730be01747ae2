import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const SCRIPTS = ['version.mjs', 'bootstrap.mjs'];
const CHART = `apiVersion: v2
name: odoo-sync
version: 1.4.0 # the chart's
appVersion: "1.4.0"
dependencies:
  - name: other
    version: 9.9.9
`;
const manifest = (version: string) => `{
  "name": "some",
  "version": "${version}",
  "config": {
    "version": "9.9.9"
  }
}
`;
const FILES = {
  'package.json': manifest('1.4.0'),
  'packages/core/package.json': manifest('1.4.0'),
  'apps/worker/package.json': manifest('1.4.0'),
  'docker/helm/odoo-sync/Chart.yaml': CHART,
  'CHANGELOG.md':
    '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 1.4.0 - 2026-01-02\n\n- The first.\n',
};
const VERSIONED = Object.keys(FILES).filter((path) => path !== 'CHANGELOG.md');

function version(root: string, ...args: readonly string[]) {
  const script = join(root, 'scripts', 'version.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '' },
  });
  return { code: status, out: stdout, err: stderr };
}

let root: string;
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const contents = () => Object.fromEntries(Object.keys(FILES).map((path) => [path, read(path)]));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'odoo-sync-version-'));
  for (const name of SCRIPTS) cpSync(join(REPOSITORY, 'scripts', name), join(root, 'scripts', name));
  for (const [path, text] of Object.entries(FILES)) write(path, text);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('packages, image and chart of this repository have one version', () => {
  expect(version(REPOSITORY, '--check')).toMatchObject({ code: 0, err: '' });
});

test('prints the version that all files share', () => {
  expect(version(root)).toEqual({ code: 0, out: '1.4.0\n', err: '' });
});

test('raises it everywhere, and in nothing else', () => {
  expect(version(root, '1.10.0')).toMatchObject({ code: 0, err: '' });
  for (const path of VERSIONED)
    expect(read(path)).toBe(FILES[path as keyof typeof FILES].replaceAll('1.4.0', '1.10.0'));
  expect(version(root, '--check')).toEqual({ code: 0, out: '1.10.0\n', err: '' });
});

test('moves what was unreleased under the number and the day', () => {
  const before = new Date().toISOString().slice(0, 10);
  version(root, '2.0.0');
  const found = /^## 2\.0\.0 - (\S+)$/m.exec(read('CHANGELOG.md'))?.[1];
  expect([before, new Date().toISOString().slice(0, 10)]).toContain(found);
  expect(read('CHANGELOG.md')).toBe(
    FILES['CHANGELOG.md'].replace('## Unreleased\n', `## Unreleased\n\n## 2.0.0 - ${found}\n`),
  );
});

test('works where there is no chart', () => {
  rmSync(join(root, 'docker'), { recursive: true });
  expect(version(root, '1.4.1')).toMatchObject({ code: 0 });
});

describe('takes versions in the order of semver', () => {
  const rising = [
    '2.0.0-1',
    '2.0.0-2',
    '2.0.0-10',
    '2.0.0-alpha',
    '2.0.0-alpha.1',
    '2.0.0-rc.2',
    '2.0.0-rc.11',
    '2.0.0',
  ];
  test.each(rising.slice(1).map((higher, index) => [rising[index] as string, higher]))(
    '%s, then %s',
    (lower, higher) => {
      expect(version(root, lower).code).toBe(0);
      write('CHANGELOG.md', FILES['CHANGELOG.md']);
      expect(version(root, higher).code).toBe(0);
      write('CHANGELOG.md', FILES['CHANGELOG.md']);
      expect(version(root, lower).code).toBe(64);
    },
  );
});

describe('refuses, and changes nothing', () => {
  const refused = (args: readonly string[], code: number, ...words: readonly string[]) => {
    const before = contents();
    const said = version(root, ...args);
    expect(said).toMatchObject({ code, out: '' });
    for (const word of words) expect(said.err).toContain(word);
    expect(contents()).toEqual(before);
  };

  test.each(['1.5', 'v1.5.0', '01.5.0', '1.5.0-01', '1.5.0+build', ''])('"%s", which is no version', (next) =>
    refused([next], 64, `"${next}"`),
  );
  test.each(['1.4.0', '1.3.9', '0.9.0', '1.4.0-rc.1'])('%s, which is not higher', (next) =>
    refused([next], 64, next, '1.4.0'),
  );
  test.each([['1.5.0', '1.6.0'], ['--check', '1.5.0'], ['--major']])('the arguments %s %s', (...args) =>
    refused(args, 64, 'usage:'),
  );
  test.each(['packages/core/package.json', 'docker/helm/odoo-sync/Chart.yaml'])(
    'files that disagree, as where %s was changed by hand',
    (path) => {
      write(path, read(path).replace('1.4.0', '1.4.1'));
      refused(['1.5.0'], 78, path, '1.4.1', 'disagree');
      refused([], 78, path);
      refused(['--check'], 1, path);
    },
  );
  test('a manifest without a version', () => {
    write('apps/worker/package.json', '{}\n');
    refused(['1.5.0'], 78, 'apps/worker/package.json');
  });
  test('a changelog that says nothing of what is released', () => {
    write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n## 1.4.0 - 2026-01-02\n\n- The first.\n');
    refused(['1.5.0'], 78, 'CHANGELOG.md');
    write('CHANGELOG.md', '# Changelog\n');
    refused(['1.5.0'], 78, 'CHANGELOG.md', 'Unreleased');
  });
});
