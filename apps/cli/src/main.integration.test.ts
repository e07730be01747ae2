import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const KEY = Buffer.alloc(32, 7).toString('base64');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command as an operator does, with nothing in its environment but what is given. */
function odooSync(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built: npx turbo run build --filter=@odoo-sync/cli`);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 30_000 },
      (_error, out, err) => resolve({ code: child.exitCode, out, err }),
    );
    child.stdin?.end();
  });
}

describe('the command as a process', () => {
  test('shows its help on standard output and ends with 0', async () => {
    const { code, out, err } = await odooSync(['--help']);
    expect(code).toBe(0);
    for (const command of ['user', 'status', 'resync', 'retry', 'ledger']) expect(out).toContain(command);
    expect(err).toBe('');
  });

  test('says its version on standard output and ends with 0', async () => {
    const root = new URL('../../../package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(root, 'utf8'));
    expect(await odooSync(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test.each([
    [['staus'], 'staus'],
    [['status', '--no-such-flag'], '--no-such-flag'],
    [['user', 'add', 'acme'], '--url'],
    [['resync'], 'user'],
  ])('ends with 64 for %j, and says what was wrong on standard error', async (args, word) => {
    const { code, out, err } = await odooSync(args);
    expect(code).toBe(64);
    expect(err).toContain(word);
    expect(err).toContain('--help');
    expect(out).toBe('');
  });

  test('ends with 78 for settings that are missing, with a line for each fault and no stack', async () => {
    const { code, out, err } = await odooSync(['status'], { CREDENTIALS_KEYS: KEY, LOG_LEVEL: 'loud' });
    expect(code).toBe(78);
    expect(out).toBe('');
    const lines = err.trim().split('\n');
    expect(lines[0]).toContain('4 settings are wrong');
    for (const name of ['REDIS_URL', 'MONGODB_URL', 'CREDENTIALS_KEYS', 'LOG_LEVEL'])
      expect(lines.filter((line) => line.startsWith(`${name}: `))).toHaveLength(1);
    expect(lines).toHaveLength(5);
    expect(err).not.toContain(KEY);
  });

  test('ends with 78 for a store that can not be used, in one line without the password of its URL', async () => {
    const { code, err } = await odooSync(['status'], {
      CREDENTIALS_KEYS: `k1:${KEY}`,
      REDIS_URL: 'redis://127.0.0.1:1',
      MONGODB_URL: 'mongodb://admin:hunter2@127.0.0.1:1/?noSuchOption=1',
    });
    expect(code).toBe(78);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain('MONGODB_URL');
    expect(err).not.toContain('hunter2');
  });
});
