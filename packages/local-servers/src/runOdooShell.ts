import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs Python in the shell of a real Odoo.
 * @param command starts that shell. @returns what was printed. @throws with its standard error when it fails.
 */
export async function runOdooShell(command: string, python: string): Promise<string> {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.end(`${python}\n`);
  const [code] = await once(child, 'close');
  const failed = Buffer.concat(errors).toString();
  // The shell goes on after an exception, and ends well.
  if (code !== 0 || failed.includes('Traceback'))
    throw new Error(`the Odoo shell failed (${code}): ${failed.slice(-2_000)}`);
  return Buffer.concat(output).toString();
}
