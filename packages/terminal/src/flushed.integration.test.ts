import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';

const SIZE = 1_000_000;

/** What a slow reader gets of a process that writes much, and then ends itself. */
async function read(before: string): Promise<number> {
  const dist = new URL('../dist/flushed.js', import.meta.url).href;
  const code = `const { flushed } = await import('${dist}'); process.stdout.write('x'.repeat(${SIZE})); ${before} process.exit(0);`;
  const reader = `setTimeout(() => { let size = 0; process.stdin.on('data', (chunk) => (size += chunk.length)).on('end', () => console.log(size)); }, 500)`;
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const node = quoted(process.execPath);
  const child = spawn('sh', [
    '-c',
    `${node} --input-type=module -e ${quoted(code)} | ${node} -e ${quoted(reader)}`,
  ]);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  return Number(out);
}

test('all of a long output reaches a slow reader, which the end of the process alone would cut off', async () => {
  expect(await read('await flushed(process.stdout);')).toBe(SIZE);
  expect(await read('')).toBeLessThan(SIZE);
});
