import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAIN = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

const run = promisify(execFile);

/** Runs a command of the command line, as an operator does. @throws with what it said when it fails. */
export async function runCli(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ readonly out: string; readonly ms: number }> {
  const began = performance.now();
  const { stdout } = await run(process.execPath, [MAIN, ...args], { env, maxBuffer: MOST_OUTPUT_BYTES });
  return { out: stdout, ms: performance.now() - began };
}
