import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endOf, isClean } from './harness/endOf.js';
import { createWorld, type World } from './harness/world.js';

describe('a user who is not there', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world?.close());

  test.each([
    [['status', 'nobody'], 1],
    [['resync', 'nobody'], 1],
    [['retry', '--all', '--user', 'nobody'], 1],
    [['user', 'credentials', 'nobody', '--no-check'], 1],
    [['user', 'remove', 'nobody', '--yes'], 1],
  ] as const)('%j says so and where users are listed, and changes nothing', async (args, code) => {
    const before = await stored();
    const ended = await endOf('cli', { ...world.env, ODOO_API_KEY: 'hunter2' }, args);
    expect({ code: ended.code, out: ended.out, err: ended.err, clean: isClean(ended, ['hunter2']) }).toEqual({
      code,
      out: '',
      err: 'odoo-sync: there is no user nobody: `odoo-sync user list` shows those there are\n',
      clean: true,
    });
    expect(await stored()).toEqual(before);
  });

  test('has no window to retry: the command ends with 1 and says where windows are listed', async () => {
    const ended = await endOf('cli', world.env, ['retry', 'nobody.contacts.2026-11-22']);
    expect({ code: ended.code, err: ended.err }).toEqual({
      code: 1,
      err: 'nothing failed under the name nobody.contacts.2026-11-22: `odoo-sync status USER` lists what has\n',
    });
  });

  async function stored(): Promise<readonly number[]> {
    const names = ['users', 'plans', 'schemas', 'batches', 'resyncs', 'lanes', 'fences'];
    return Promise.all(names.map((name) => world.db.collection(`odoosync${name}`).countDocuments()));
  }
});
