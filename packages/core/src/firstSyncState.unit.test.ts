import { describe, expect, test } from '@jest/globals';
import { firstSyncState, withEveryModule } from './firstSyncState.js';
import { MODULE_NAMES, type ModuleName } from './modules.js';
import { storeTime } from './time.js';

const connectedAt = new Date('2026-03-29T10:00:00Z');
const first = firstSyncState({ connectedAt: storeTime(connectedAt), release: 7, tailIntervalMs: 10_000 });

describe('a user who was just connected', () => {
  test('is looked at, and has its first tail, at once', () => {
    expect(first.nextTurnAt).toEqual(connectedAt);
    expect(first.tail).toMatchObject({ status: 'idle', dueAt: connectedAt, release: 7, startedAt: null });
  });

  test('counts as just changed, so that its tails keep the interval for a day', () => {
    expect(first.tail).toMatchObject({ pauseMs: 10_000, lastChangeAt: connectedAt });
  });

  test('has every module, to be described and tiled yet', () => {
    expect(Object.keys(first.modules)).toEqual(MODULE_NAMES);
    for (const module of Object.values(first.modules))
      expect(module).toMatchObject({
        state: 'active',
        schema: null,
        dropped: [],
        tiling: null,
        unreadable: [],
      });
  });

  test('is held by nothing', () => {
    expect(first).toMatchObject({ holdUntil: null, suspectUntil: null, outage: null, paceMs: 0 });
  });
});

describe('a state from before a module was added', () => {
  const { contacts, ...others } = first.modules;
  const name: ModuleName = 'contacts';

  test('gets the module as a new user has it', () => {
    expect(withEveryModule({ modules: others }).modules).toEqual(first.modules);
  });

  test('keeps what it knows of the others, and gets the fields that they lack', () => {
    const known = { state: 'unavailable', reason: 'no rights' } as const;
    const { modules } = withEveryModule({ modules: { [name]: known } });
    expect(modules[name]).toEqual({ ...contacts, ...known });
  });

  test('keeps what stands beside the modules', () => {
    expect(withEveryModule({ rev: 4, modules: {} })).toMatchObject({ rev: 4 });
  });
});
