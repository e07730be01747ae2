import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGES = [
  ...readdirSync(ROOT),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md'));

const LINK = /\]\(([^)\s]*)\)/g;
/** A test that a page names behind the link to its file: `[name](file): *title*`. */
const NAMED_TEST = /\]\(([^)\s]+\.test\.ts)\): (\*[^*]+\*)/g;

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => /^#+ /.test(line))
    .map((line) => anchorOf(line.slice(line.indexOf(' ') + 1)));

/** Links of a page, and tests that it names, that lead nowhere. */
function faultsOf(page: string, text: string): readonly string[] {
  const deadLinks = [...text.matchAll(LINK)]
    .map(([, target = '']) => target)
    .filter((target) => !target.includes('://'))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = join(dirname(page), path);
      if (path !== '' && !existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && !anchorsOf(path === '' ? text : read(file)).includes(anchor);
    });
  const deadTests = [...text.matchAll(NAMED_TEST)]
    .filter(([, path = '', title = '']) => {
      const file = join(dirname(page), path);
      return existsSync(join(ROOT, file)) && !read(file).includes(title.slice(1, -1));
    })
    .map(([, path, title]) => `${path} has no ${title}`);
  return [...deadLinks, ...deadTests];
}

describe('the pages of this repository', () => {
  test.each(PAGES)('%s leads to files, headings and tests that are there', (page) => {
    expect(faultsOf(page, read(page))).toEqual([]);
  });

  test('are read by what finds a file, a heading and a test that are gone', () => {
    const text = '# A page\n[1](gone.md) [2](#a-page) [3](#gone) [4](reading.md#gone)\n[5](../SECURITY.md)';
    const named = '[6](../packages/core/src/batch.unit.test.ts): *attempts* *gone*';
    const missing = '[7](../packages/core/src/batch.unit.test.ts): *a test that is gone*';
    expect(faultsOf('docs/page.md', `${text}\n${named}\n${missing}`)).toEqual([
      'gone.md',
      '#gone',
      'reading.md#gone',
      '../packages/core/src/batch.unit.test.ts has no *a test that is gone*',
    ]);
  });
});
