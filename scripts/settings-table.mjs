// Rewrites the README's table of settings from the settings themselves. Needs a build: pnpm build && node scripts/settings-table.mjs
import { readFile, writeFile } from 'node:fs/promises';

const readme = new URL('../README.md', import.meta.url);
const runtime = new URL('../packages/runtime/dist/index.js', import.meta.url);

const { withSettingsTable } = await import(runtime.href).catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('The runtime package is not built: run `pnpm build` first.');
  process.exit(1);
});
await writeFile(readme, withSettingsTable(await readFile(readme, 'utf8')));
