import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { checkSync, type Diagnostics, type Parameters } from 'recheck';
import { type Expression, expressionsIn } from './harness/expressionsIn.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Tests and what serves them, though their files have other names. */
const TESTS = /^packages\/(?:e2e|testkit)\/|^packages\/simulator\/src\/conformance\/|\/src\/testing\//;
/** Files that may make an expression of a text, and why that does no harm there. */
const MAKERS: Readonly<Record<string, string>> = {
  'apps/bench/src/system/queryShape.ts': 'it is made of the names of our modules alone',
  'packages/simulator/src/query/matchTerm.ts': 'the simulator is asked by those alone who test with it',
};
/** The limits within a check are of steps and not of time, so that its verdict is the same on a busy machine. */
const LIMITS: Parameters = {
  timeout: 30_000,
  attackTimeout: null,
  incubationTimeout: null,
  seedingTimeout: null,
};

const sources = ['apps', 'packages'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).flatMap((name) =>
    readdirSync(join(ROOT, folder, name, 'src'), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${name}/src/${file}`)
      .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !/\.test\.[cm]?[jt]sx?$/.test(file))
      .filter((file) => !TESTS.test(file)),
  ),
);
const read = (file: string) => expressionsIn(readFileSync(join(ROOT, file), 'utf8'));

const known = new Map<string, string | null>();

/** What is wrong with an expression; null where its time grows with the length of the text and no faster. */
function faultOf({ source, flags }: Pick<Expression, 'source' | 'flags'>): string | null {
  const key = `/${source}/${flags}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const fault = wordsOf(checkSync(source, flags, LIMITS));
  known.set(key, fault);
  return fault;
}

function wordsOf(found: Diagnostics): string | null {
  if (found.status === 'safe') return null;
  return found.status === 'vulnerable'
    ? `takes ${found.complexity.summary} time over ${found.attack.pattern}`
    : `could not be checked (${JSON.stringify(found.error)})`;
}

const faultsOf = (file: string, literals: readonly Expression[]): readonly string[] =>
  literals.flatMap((one) => {
    const fault = faultOf(one);
    return fault === null ? [] : [`${file}:${one.line}: /${one.source}/${one.flags} ${fault}`];
  });

describe('regular expressions', () => {
  test('of the product take time linear to the length of what they read', () => {
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.flatMap((file) => faultsOf(file, read(file).literals))).toEqual([]);
  }, 300_000);

  test('are made of texts only where a reason is given', () => {
    const makers = sources.filter((file) => read(file).made.length > 0);
    const unnamed = makers.flatMap((file) =>
      file in MAKERS ? [] : read(file).made.map((line) => `${file}:${line}`),
    );
    expect(unnamed).toEqual([]);
    expect(Object.keys(MAKERS).filter((file) => !makers.includes(file))).toEqual([]);
  });
});

describe('the check', () => {
  const text = [
    '// ä: more bytes than characters',
    'const a = /safe/g;',
    'const b = (c: RegExp) => [c, x.replace(/(a+)+$/i, "")];',
    'const d = [new RegExp(a), RegExp("b"), globalThis.RegExp];',
  ].join('\n');

  test('finds each expression with its line', () => {
    expect(expressionsIn(text)).toEqual({
      literals: [
        { line: 2, source: 'safe', flags: 'g' },
        { line: 3, source: '(a+)+$', flags: 'i' },
      ],
      made: [4, 4, 4],
    });
    expect(expressionsIn(text)).toEqual(expressionsIn(text));
  });

  test('tells file, line, expression and attack of one that is exponential, and of one that is quadratic', () => {
    expect(faultsOf('some.ts', expressionsIn(text).literals)).toEqual([
      expect.stringMatching(/^some\.ts:3: \/\(a\+\)\+\$\/i takes exponential time over '.*'\.repeat\(\d+\)/),
    ]);
    expect(faultOf({ source: '\\s+$', flags: '' })).toMatch(/^takes 2nd degree polynomial time over '/);
  });

  test('takes one for faulty that it can not judge', () => {
    expect(faultOf({ source: '(', flags: '' })).toMatch(/^could not be checked/);
  });
});
