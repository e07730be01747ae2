import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}
interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

const FOLDER = new URL('../../../.github/workflows/', import.meta.url);
const files = readdirSync(FOLDER);
const read = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8');
const stepsOf = (file: string) =>
  Object.values((parse(read(file)) as Workflow).jobs).flatMap(({ steps }) => steps);

/** Who moves a tag changes what runs under it: a commit is what was read. The version behind it is for people. */
const PINNED = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

describe.each(files)('the workflow %s', (file) => {
  test('names every action by its commit', () => {
    const used = read(file)
      .split('\n')
      .flatMap((line) => line.split(' uses: ').slice(1));
    expect(used).toHaveLength(stepsOf(file).filter(({ uses }) => uses !== undefined).length);
    expect(used.filter((one) => !PINNED.test(one))).toEqual([]);
  });

  test('may only read unless a job asks for more, and leaves no credentials behind', () => {
    expect((parse(read(file)) as Workflow).permissions).toEqual({ contents: 'read' });
    const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
  });
});

test('what is known against the packages of the programs fails a pull request', () => {
  const audits = files.flatMap((file) => stepsOf(file)).filter(({ run }) => run?.includes(' audit '));
  expect(audits).toEqual([{ run: expect.stringContaining('audit --prod --audit-level high') }]);
});

test('one action has one version in all workflows', () => {
  const used = [...new Set(files.flatMap(stepsOf).flatMap(({ uses }) => (uses ? [uses] : [])))];
  expect(new Set(used.map((one) => one.split('@')[0])).size).toBe(used.length);
});
