import { describe, expect, test } from '@jest/globals';
import { generateKey } from '@odoo-sync/runtime';
import { COLLECTIONS } from '@odoo-sync/store-mongo';
import { CliWorld } from './testing/cliWorld.js';

const world = new CliWorld();

const users = () => world.db.collection<{ _id: string }>(COLLECTIONS.users);
const rotated = () => ({ CREDENTIALS_KEYS: `new:${generateKey()},${world.env.CREDENTIALS_KEYS}` });

describe('keys reseal', () => {
  test('seals everybody with the first key, says how many, and does nothing the second time', async () => {
    const store = await world.store();
    for (const id of ['a', 'b', 'c']) await world.user(store, id);
    const env = rotated();
    expect(await world.say(['keys', 'reseal'], { env })).toMatchObject({
      out: '3 users sealed anew',
      exitCode: 0,
    });
    expect(await users().distinct('sealed.keyId')).toEqual(['new']);
    const { out } = await world.say(['keys', 'reseal', '--json'], { env });
    expect(JSON.parse(out)).toEqual({ resealed: 0, left: [], interrupted: false });
  });

  test('names whom it left, and ends with 1', async () => {
    const store = await world.store();
    await world.user(store, 'a');
    await world.user(store, 'b');
    await users().updateOne({ _id: 'a' }, { $set: { url: 'https://evil.example' } });
    const { out, notes, exitCode } = await world.say(['keys', 'reseal'], { env: rotated() });
    expect({ out, exitCode }).toEqual({ out: '1 users sealed anew, 1 stay as they were', exitCode: 1 });
    expect(notes).toMatch(/^a stays as it was: .*https:\/\/evil\.example/);
  });

  test('can be interrupted', async () => {
    await world.user(await world.store());
    const said = await world.say(['keys', 'reseal'], { env: rotated(), stop: AbortSignal.abort() });
    expect(said).toMatchObject({ out: '', exitCode: 0 });
    expect(said.notes).toContain('said again, it goes on');
  });
});

describe('user credentials, of an address that was changed in MongoDB', () => {
  const say = (...more: readonly string[]) =>
    world.say(['user', 'credentials', 'acme', ...more], { env: { ODOO_API_KEY: 'the-next-key' } });
  const credentialVersion = async () => (await (await world.store()).user('acme'))?.credentialVersion;

  test('sends the new key nowhere until the operator names the address', async () => {
    const { odoo, key } = world.odoo();
    const requests = () => world.simulator.log.totals.requests;
    await world.user(await world.store());
    const elsewhere = { url: world.simulator.url, db: odoo.name };
    await users().updateOne({ _id: 'acme' }, { $set: elsewhere });
    const before = requests();
    for (const [code, ...more] of [
      [78],
      [78, '--no-check'],
      [1, '--url', 'https://acme.example', '--db', 'acme'],
      [64, '--db', odoo.name],
    ] as const) {
      const { error, exitCode } = await say(...more);
      expect({ more, exitCode, error }).toMatchObject({ more, exitCode: code });
    }
    expect(requests()).toBe(before);
    expect(await credentialVersion()).toBe(1);
    const named = ['--url', world.simulator.url, '--db', odoo.name];
    const said = await world.say(['user', 'credentials', 'acme', ...named], { env: { ODOO_API_KEY: key } });
    expect(said.exitCode).toBe(0);
    expect(await credentialVersion()).toBe(2);
  });

  test('needs no address where the old ones still open', async () => {
    await world.user(await world.store());
    expect((await say('--no-check')).exitCode).toBe(0);
  });
});

test('no command of these said a secret', () => {
  expect(world.told).toContain('sealed anew');
  expect(world.secrets.filter((secret) => world.told.includes(secret))).toEqual([]);
});
