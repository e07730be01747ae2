// `npm run version:raise -- 1.2.0`: the one version of packages, image and chart, and its section in CHANGELOG.md.
// Without a number it prints the version; `--check` ends with 1 where files disagree.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, root } from './bootstrap.mjs';

const DISAGREE = 1;
const USAGE = 64;
const CONFIGURATION = 78;
const CHANGELOG = 'CHANGELOG.md';
const UNRELEASED = /^## Unreleased\n/m;
// Semantic Versioning without build metadata, which an image's tag can't hold.
const NUMBER = '(0|[1-9]\\d*)';
const LABEL = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const SEMVER = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${LABEL}(?:\\.${LABEL})*))?$`);

const MANIFEST = [{ name: 'version', pattern: /^( {2}"version": ")([^"]*)(")/m }];
const CHART = ['version', 'appVersion'].map((name) => ({
  name,
  pattern: new RegExp(`^(${name}: *["']?)([^"'\\s#]*)()`, 'm'),
}));

/** Every file that holds the version, with the places in it. */
function versionFiles() {
  const packages = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, 'package.json')),
  );
  const manifests = ['package.json', ...packages.sort()].map((path) => ({ path, fields: MANIFEST }));
  const chart = { path: join('docker', 'helm', 'odoo-sync', 'Chart.yaml'), fields: CHART };
  return [...manifests, chart].filter(({ path }) => existsSync(join(root, path)));
}

const read = (path) => readFileSync(join(root, path), 'utf8');

/** What each place says now. */
function versions() {
  return versionFiles().flatMap(({ path, fields }) => {
    const text = read(path);
    return fields.map(({ name, pattern }) => {
      const version = pattern.exec(text)?.[2];
      if (!version)
        fail(`${path}: expected a line with its ${name}, but there is none: add it`, CONFIGURATION);
      return { place: `${path} ${name}`, version };
    });
  });
}

/** The version that all files share. */
function agreed(exitCode) {
  const all = versions();
  if (new Set(all.map(({ version }) => version)).size > 1) {
    const lines = all.map(({ place, version }) => `  ${version}  ${place}`);
    fail(
      `expected one version everywhere, but the files disagree: make them equal\n${lines.join('\n')}`,
      exitCode,
    );
  }
  return all[0].version;
}

const isNumber = (text) => /^\d+$/.test(text);

/** Precedence by semver.org, 11: negative where `a` comes before `b`. */
function compare(a, b) {
  const [, ...left] = SEMVER.exec(a);
  const [, ...right] = SEMVER.exec(b);
  for (const place of [0, 1, 2]) if (left[place] !== right[place]) return left[place] - right[place];
  if (left[3] === right[3]) return 0;
  if (!left[3] || !right[3]) return left[3] ? -1 : 1;
  const [first, second] = [left[3].split('.'), right[3].split('.')];
  for (let place = 0; place < Math.min(first.length, second.length); place++) {
    const [one, other] = [first[place], second[place]];
    if (one === other) continue;
    if (isNumber(one) && isNumber(other)) return one - other;
    if (isNumber(one) !== isNumber(other)) return isNumber(one) ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return first.length - second.length;
}

/** The changelog with what was unreleased under the number and today's date. */
function releasedChangelog(version) {
  const text = existsSync(join(root, CHANGELOG)) ? read(CHANGELOG) : '';
  const heading = UNRELEASED.exec(text);
  if (!heading)
    fail(`${CHANGELOG}: expected a section "## Unreleased", but there is none: add it`, CONFIGURATION);
  const end = heading.index + heading[0].length;
  if (text.slice(end).split(/^## /m)[0].trim() === '')
    fail(`${CHANGELOG}: expected what has changed under "## Unreleased", but it is empty`, CONFIGURATION);
  const date = new Date().toISOString().slice(0, 10);
  return `${text.slice(0, end)}\n## ${version} - ${date}\n${text.slice(end)}`;
}

function raise(next) {
  if (!SEMVER.test(next)) fail(`expected a version such as 1.2.0 or 1.2.0-rc.1, but got "${next}"`, USAGE);
  const current = agreed(CONFIGURATION);
  if (!SEMVER.test(current))
    fail(`expected the files to hold a version such as 1.2.0, but it is "${current}"`, CONFIGURATION);
  if (compare(next, current) <= 0)
    fail(`expected a version higher than ${current}, but got "${next}"`, USAGE);
  // Everything is made before anything is written.
  const written = [
    [CHANGELOG, releasedChangelog(next)],
    ...versionFiles().map(({ path, fields }) => [
      path,
      fields.reduce(
        (text, { pattern }) => text.replace(pattern, (_, before, _old, after) => `${before}${next}${after}`),
        read(path),
      ),
    ]),
  ];
  for (const [path, text] of written) writeFileSync(join(root, path), text);
  process.stdout.write(`${current} -> ${next} in ${written.length} files\n`);
}

function commandLine() {
  try {
    const { values, positionals } = parseArgs({
      options: { check: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (positionals.length > (values.check ? 0 : 1)) throw new Error(`unexpected "${positionals.at(-1)}"`);
    return { check: values.check, next: positionals[0] };
  } catch (error) {
    fail(`${error.message}\nusage: node scripts/version.mjs [NEW | --check]`, USAGE);
  }
}

const { check, next } = commandLine();
if (next === undefined) process.stdout.write(`${agreed(check ? DISAGREE : CONFIGURATION)}\n`);
else raise(next);
