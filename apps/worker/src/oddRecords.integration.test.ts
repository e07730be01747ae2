import { describe, expect, test } from '@jest/globals';
import { must } from '@odoo-sync/testkit';
import type { Tenant } from './testing/tenant.js';
import { TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
const MIB = 1024 * 1024;

/** Has Odoo send some contacts with these values, each a text, until it is mended. */
function bend({ odoo }: Tenant, ids: readonly number[], set: Readonly<Record<string, string>>): void {
  const match = { db: odoo.name, model: PARTNER, method: 'search_read' };
  world.simulator.faults.add({ kind: 'oddRows', ids: [...ids], set, times: 'always', match });
}

const FOREIGN = {
  _id: '"64f000000000000000000000"',
  userId: '"globex"',
  odooId: '4711',
  _sync: '{"hash": "x", "deletedAt": "now"}',
  '_sync.hash': '"x"',
  $set: '{"userId": "globex"}',
  'a\0b': '1',
  __proto__x: '1',
};

describe.each([
  ['JSON-2', 19],
  ['JSON-RPC', 14],
] as const)('over %s', (_name, version) => {
  const mirror = async (tenant: Tenant) =>
    new Map((await tenant.mirrored()).map((document) => [document.odooId, document]));
  const mirroredAll = () => world.db.collection('odoocontacts').countDocuments({ userId: 'globex' });

  test("a window stores what is of its field's type, and nothing else that came", async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 40, { at: tenant.noon() });
    const odd = must(ids[17], 'no id');
    bend(tenant, [odd], {
      ...FOREIGN,
      city: '{"$where": "sleep(9)"}',
      email: `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      color: '"7"',
      credit_limit: 'NaN',
      parent_id: '[1e999, "x"]',
      category_id: '[1, null]',
      create_date: '"2026-02-30 00:00:00"',
    });
    const { outcome, lines } = await tenant.window();
    expect(outcome.type).toBe('done');
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^this Odoo gave no value of the field's type in 1 record: .*email \(1\), city \(1\)/,
      ),
    );
    expect(await tenant.batch()).toMatchObject({
      status: 'succeeded',
      attempts: 0,
      counts: { inserted: 40 },
    });
    const mirrored = await mirror(tenant);
    const [before] = tenant.odoo.rows(PARTNER, [odd], ['name', 'street']);
    const document = must(mirrored.get(odd), 'not mirrored');
    expect(document).toMatchObject({
      userId: tenant.user.userId,
      name: before?.name,
      street: before?.street || null,
    });
    expect(document._sync).toMatchObject({
      unread: ['parent_id', 'email', 'city', 'category_id', 'color', 'credit_limit', 'create_date'],
    });
    const names = new Set(Object.keys(must(mirrored.get(must(ids[0], 'no id')), 'not mirrored')));
    expect(Object.keys(document).filter((name) => !names.has(name))).toEqual([]);
    expect(await mirroredAll()).toBe(0);
    for (const [id, { _sync }] of mirrored) if (id !== odd) expect(_sync).not.toHaveProperty('unread');
  });

  test('a record that is too large, or has no date, is unreadable; its window and every tail go on', async () => {
    const tenant = await world.connect({ version });
    const ids = tenant.odoo.create(PARTNER, 12, { at: tenant.noon() });
    const [large, undated] = [ids[3], ids[9]].map((id) => must(id, 'no id')) as [number, number];
    bend(tenant, [large], { comment: `"${'x'.repeat(17 * MIB)}"` });
    await tenant.window();
    expect(await tenant.batch()).toMatchObject({
      status: 'succeeded',
      counts: { read: 11, inserted: 11 },
      unreadable: [{ odooId: large, reason: 'it is too large for a document: 17.0 MiB, of at most 15' }],
    });
    const later = tenant.odoo.create(PARTNER, 4);
    tenant.odoo.write(PARTNER, [large]);
    for (let n = 0; n < 2; n++) {
      await tenant.tail();
      expect((await tenant.plan()).tail.lastError).toBeNull();
      expect([...(await mirror(tenant)).keys()]).toEqual([...ids, ...later].filter((id) => id !== large));
    }
    world.simulator.faults.clear();
    bend(tenant, [undated], { write_date: '"soon"' });
    const written = [large, undated, must(later[0], 'no id')];
    tenant.odoo.write(PARTNER, written, { at: new Date(Date.now() + 1_000) });
    await tenant.tail();
    const { tail, modules } = await tenant.plan();
    expect(tail.lastError).toBeNull();
    expect(modules.contacts.unreadable).toContainEqual(
      expect.objectContaining({ odooId: undated, reason: expect.stringContaining('write_date') }),
    );
    expect((await mirror(tenant)).size).toBe(16);
  });
});
