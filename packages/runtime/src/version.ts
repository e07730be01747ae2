import { readFileSync } from 'node:fs';

const MANIFEST = new URL('../package.json', import.meta.url);

/**
 * The version that this program was built as: the one number of image, chart and packages (`scripts/version.mjs`), read from
 * this package's own `package.json`, which stands beside `src` and `dist` alike.
 */
export function versionOf(): string {
  const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { readonly version?: unknown };
  if (typeof version !== 'string') throw new Error(`${MANIFEST.pathname} names no version`);
  return version;
}
