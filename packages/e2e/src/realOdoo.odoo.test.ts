import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnection, openQueue } from '@odoo-sync/queue';
import { lastSecond, midnight } from './harness/days.js';
import { realOdoo } from './harness/realOdoo.js';
import { faultyWindows } from './harness/tiling.js';
import { overlaps, recordedTurns } from './harness/turns.js';
import { until } from './harness/until.js';
import { createWorld, type World } from './harness/world.js';
import { compareAll } from './oracle/compare.js';
import { call } from './oracle/odoo.js';

const given = realOdoo(process.env);
const USER = 'real';
const BURST = 10_000;
const MARK = `burst-${process.pid}-${Date.now().toString(36)}`;
const AT = lastSecond(3);
const DOC = `${USER}.contacts.${midnight(3).toISOString().slice(0, 10)}`;

const MAKE_BURST = `
partners = env['res.partner'].create([{'name': '${MARK} %s' % n, 'ref': '${MARK}', 'city': 'Gent'} for n in range(${BURST})])
env.flush_all()
env.cr.execute("UPDATE res_partner SET write_date = %s WHERE id IN %s", ['${AT.toISOString().slice(0, 19)}.5', tuple(partners.ids)])
from datetime import datetime, timedelta
print('KEY ' + env(user=env.ref('base.user_admin').id)['res.users.apikeys']._generate(None, '${MARK}', datetime.now() + timedelta(days=1)))
env.cr.commit()
`;
const REMOVE_BURST = `
env['res.partner'].with_context(active_test=False).search([('ref', '=', '${MARK}')]).unlink()
env['res.users.apikeys'].sudo().search([('name', '=', '${MARK}')]).unlink()
env.cr.commit()
`;

if (!given) {
  describe('the engine on a real Odoo', () => {
    test.skip('is not tested: set ODOO_TEST_URL, and ODOO_TEST_SHELL to a command that runs its shell', () =>
      undefined);
  });
} else {
  const { odoo, shell } = given;
  describe('the engine on a real Odoo', () => {
    let world: World;
    let secret: string;
    beforeAll(async () => {
      const printed = await shell(MAKE_BURST);
      const key = /KEY ([0-9a-f]{40})/.exec(printed)?.[1];
      if (!key) throw new Error(`the Odoo shell gave no API key: ${printed}`);
      secret = key;
      world = await createWorld({ settings: { TAIL_INTERVAL_MS: '10000' } });
      const credentials = { kind: 'apiKey' as const, login: odoo.login, secret };
      await world.store.addUser({ userId: USER, address: { url: odoo.url, db: odoo.db }, credentials });
      await world.start('scheduler');
      await Promise.all([world.start('worker'), world.start('worker')]);
    }, 300_000);
    afterAll(async () => {
      await world?.close();
      await shell(REMOVE_BURST);
    }, 120_000);

    const compared = () =>
      compareAll({ odoo, db: world.db, userId: USER, from: new Date(midnight(90).getTime()) });

    test('mirrors 90 days of 4 modules with a burst of 10,000 in the last second of a window', async () => {
      await world.caughtUp([USER], 240_000);
      const modules = await compared();
      expect(modules.flatMap(({ differences }) => differences)).toEqual([]);
      for (const { source, store } of modules) {
        expect(store).toBe(source);
        expect(source).toBeGreaterThan(0);
      }
      const burst = await world.store.batch(DOC);
      expect(burst?.counts?.read).toBeGreaterThanOrEqual(BURST);
      const marked = { userId: USER, ref: MARK };
      expect(await world.db.collection('odoocontacts').countDocuments(marked)).toBe(BURST);
      const turns = await recordedTurns(world.db);
      expect(overlaps(turns, (turn) => turn.userKey)).toEqual([]);
    }, 300_000);

    test('seals by the survey what holds nothing, and reads nothing else than what holds something', async () => {
      expect(await faultyWindows(world, USER)).toEqual([]);
      const ledger = world.db.collection('odoosyncbatches');
      const surveyed = await ledger.find({ userKey: USER, sealedBy: 'survey' }).toArray();
      expect(surveyed.length).toBeGreaterThan(4);
      const turns = await world.db
        .collection('odoosyncturns')
        .distinct('doc', { userKey: USER, kind: 'backfill' });
      expect(turns.length).toBe((await ledger.countDocuments({ userKey: USER })) - surveyed.length);
      for (const { windows, surveyed: counted, recordsRead } of (await world.report(USER)).modules) {
        expect(windows.done).toBe(windows.total);
        expect(counted).toBe(recordsRead);
      }
    });

    test('mirrors a whole history, from the oldest record of each module on', async () => {
      const whole = 'whole';
      const credentials = { kind: 'apiKey' as const, login: odoo.login, secret };
      const address = { url: odoo.url, db: odoo.db };
      await world.store.addUser({ userId: whole, address, credentials, rangeDays: 'all' });
      await world.caughtUp([whole], 240_000);
      const modules = await compareAll({ odoo, db: world.db, userId: whole, from: new Date(0) });
      expect(modules.flatMap(({ differences }) => differences)).toEqual([]);
      for (const { source, store } of modules) expect(store).toBe(source);
    }, 300_000);

    test('reads a window again, by a job and a copy of it at once, and writes nothing', async () => {
      const stream = world.db.collection('odoocontacts').watch([{ $match: { 'fullDocument.ref': MARK } }], {
        fullDocument: 'updateLookup',
      });
      expect(await stream.tryNext()).toBeNull();
      const connection = await openConnection(world.env.REDIS_URL ?? '', { role: 'cli' });
      const queue = openQueue(connection, '{odoo-sync}');
      for (let round = 1; round <= 3; round++) {
        const range = {
          modules: ['contacts' as const],
          from: midnight(3),
          to: midnight(2),
          requestedBy: 'test',
        };
        const { _id } = await world.store.requestResync((await world.report(USER)).user, range);
        const running = await until('the resync runs', async () => {
          const found = await world.store.resync(_id);
          return found?.status === 'running' && found;
        });
        const job = await queue.getJob(`${_id}-${running.release}`);
        await queue.add('resync', job?.data, { jobId: `copy-of-${_id}`, attempts: 4 });
        await until(
          'it has ended',
          async () => (await world.store.resync(_id))?.status === 'succeeded',
          60_000,
        );
      }
      await queue.close();
      await connection.disconnect();
      expect(await stream.tryNext()).toBeNull();
      await stream.close();
      const turns = await world.db
        .collection('odoosyncturns')
        .find({ kind: 'resync', counts: { $ne: null } })
        .toArray();
      expect(turns).toHaveLength(3);
      for (const { counts } of turns) expect(counts).toMatchObject({ inserted: 0, updated: 0 });
    }, 240_000);

    test('mirrors an edit within 12 s', async () => {
      const ids = (await call(odoo, 'res.partner', 'search', [[['ref', '=', MARK]]], {
        limit: 1,
      })) as number[];
      const name = `${MARK} edited`;
      const began = performance.now();
      await call(odoo, 'res.partner', 'write', [ids, { name }], {});
      await until('the edit is mirrored', () =>
        world.db.collection('odoocontacts').findOne({ userId: USER, odooId: ids[0], name }),
      );
      expect(performance.now() - began).toBeLessThan(12_000);
    });
  });
}
