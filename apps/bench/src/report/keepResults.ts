import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RowResult } from './rowResult.js';
import { renderBench } from './table.js';

const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));
const PAGE = fileURLToPath(new URL('../../../../docs/bench.md', import.meta.url));

/** Keeps what a row gave in a file of its own. A row that was skipped leaves what was measured of it before. */
export async function keepResult(result: RowResult): Promise<void> {
  const before = result.skipped ? await keptResult(result.row) : null;
  if (before && !before.skipped) return;
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${RESULTS}${result.row}.json`, `${JSON.stringify(result, null, 2)}\n`);
}

/**
 * Writes docs/bench.md from what is kept of these rows.
 * @returns the rows of which nothing is kept: then nothing is written.
 */
export async function writePage(rows: readonly string[]): Promise<readonly string[]> {
  const kept = await Promise.all(rows.map(keptResult));
  const results = kept.filter((result) => result !== null);
  if (results.length === rows.length) await writeFile(PAGE, renderBench(results));
  return rows.filter((_, n) => kept[n] === null);
}

async function keptResult(row: string): Promise<RowResult | null> {
  try {
    return JSON.parse(await readFile(`${RESULTS}${row}.json`, 'utf8')) as RowResult;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
