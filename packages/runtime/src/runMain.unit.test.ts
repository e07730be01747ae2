import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { ConfigError } from './readSettings.js';
import { type Host, type Main, runMain } from './runMain.js';

/** A process that says what became of it. */
class FakeHost extends EventEmitter implements Host {
  title = '';
  text = '';
  readonly codes: number[] = [];
  readonly stderr = {
    write: (text: string) => {
      this.text += text;
    },
  };
  exit(code: number) {
    this.codes.push(code);
    this.emit('exit', code);
  }
}

async function run(main: (main: Main) => Promise<void>): Promise<FakeHost> {
  const host = new FakeHost();
  await runMain('role', main, host);
  return host;
}

describe('runMain', () => {
  test('closes in the reverse order, once, at the first signal', async () => {
    const closed: string[] = [];
    let stopped = false;
    const host = await run(async (main) => {
      main.stopping.addEventListener('abort', () => {
        stopped = true;
      });
      for (const what of ['store', 'queue', 'worker']) main.onClose(what, async () => closed.push(what));
    });
    expect(host.codes).toEqual([]);
    host.emit('SIGTERM');
    await once(host, 'exit');
    expect({ closed, stopped, codes: host.codes }).toEqual({
      closed: ['worker', 'queue', 'store'],
      stopped: true,
      codes: [0],
    });
  });

  test('a second signal ends it though a closer hangs', async () => {
    const host = await run(async (main) => main.onClose('worker', () => new Promise(() => {})));
    host.emit('SIGTERM');
    expect(host.codes).toEqual([]);
    host.emit('SIGINT');
    expect(host.codes).toEqual([130]);
  });

  test('a closer that fails is reported and does not keep the others from closing', async () => {
    const closed: string[] = [];
    const host = await run(async (main) => {
      main.onClose('store', () => closed.push('store'));
      main.onClose('queue', () => Promise.reject(new Error('gone')));
    });
    host.emit('SIGTERM');
    await once(host, 'exit');
    expect({ closed, codes: host.codes, text: host.text }).toEqual({
      closed: ['store'],
      codes: [1],
      text: 'role: could not close queue: gone\n',
    });
  });

  test('a configuration fault gives its lines and 78, and closes what was open', async () => {
    const closed: string[] = [];
    const host = await run(async (main) => {
      main.onClose('store', () => closed.push('store'));
      throw new ConfigError(['A: expected x', 'B: expected y']);
    });
    expect(host.codes).toEqual([78]);
    expect(host.text).toBe('role did not start: 2 settings are wrong:\nA: expected x\nB: expected y\n');
    expect(closed).toEqual(['store']);
  });

  test.each([
    [new Error('redis://u:hunter2@h does not answer'), 1],
    [Object.assign(new Error('evicts'), { exitCode: 78 }), 78],
    [Object.assign(new Error('no replica set'), { kind: 'configuration' }), 78],
  ])('%s ends the start in one line with %d', async (error, code) => {
    const host = await run(() => Promise.reject(error));
    expect(host.codes).toEqual([code]);
    expect(host.text.split('\n')).toHaveLength(2);
    expect(host.text).not.toContain('hunter2');
  });

  test('a main that is done ends with its code', async () => {
    const host = await run(async (main) => {
      main.onClose('store', () => {});
      main.finish(3);
    });
    expect(host.codes).toEqual([3]);
  });

  test('an unhandled rejection is told and ends it', async () => {
    const host = await run(async () => {});
    host.emit('unhandledRejection', new Error('lost'));
    expect({ codes: host.codes, text: host.text }).toEqual({
      codes: [1],
      text: 'role: ends after an unhandled rejection: lost\n',
    });
  });
});
