import { appendFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { endOf } from './harness/endOf.js';
import { until } from './harness/until.js';
import { foreignDocuments, leaksIn, sentencesOf, unequal, unfit } from './hostile/checks.js';
import { COUNTS } from './hostile/counts.js';
import type { Entry } from './hostile/entry.js';
import { type Fleet, type Guest, NEIGHBOURS, neighboursChange, startFleet } from './hostile/fleet.js';
import { ROWS } from './hostile/rows.js';
import { STREAMS } from './hostile/streams.js';
import { TEXTS } from './hostile/texts.js';

/** Every way to be hostile that is known. A new one is one more entry in one of these. */
const TABLE: readonly Entry[] = [...ROWS, ...TEXTS, ...COUNTS, ...STREAMS];
/** Where the table of what was seen goes; nowhere where it isn't set. */
const { HOSTILE_TABLE: TABLE_FILE } = process.env;
const HEAD = `| the third user's Odoo | neighbours' change, s | Redis, kB | log, kB | the operator reads |
|---|---|---|---|---|
`;
const MB = 1_000_000;
const NEIGHBOURS_MS = 12_000;

describe('two users whose neighbour is hostile', () => {
  let fleet: Fleet;
  const guests: string[] = [];
  const invited: Guest[] = [];

  beforeAll(async () => {
    if (TABLE_FILE) writeFileSync(TABLE_FILE, HEAD);
    fleet = await startFleet();
  }, 120_000);
  // No guest's Odoo is there for the next.
  afterEach(async () => {
    for (const guest of invited.splice(0)) await guest.close();
  });
  afterAll(async () => {
    await fleet?.close();
  });

  test.each(TABLE.map((entry, n) => [entry.name, entry, n] as const))(
    '%s',
    async (name, entry, n) => {
      const before = await fleet.sizes();
      const guest = await fleet.invite(entry, n);
      guests.push(guest.userKey);
      invited.push(guest);
      await until('the engine met it', () => guest.strikes() > 0).catch(async (error: unknown) => {
        throw new Error(`${(error as Error).message}\n${JSON.stringify(await fleet.shown(guest.userKey))}`);
      });
      const ms = await neighboursChange(fleet, `beside ${name}`, NEIGHBOURS_MS);

      let said: readonly string[] = [];
      const sentence = await until(`the operator reads ${entry.operator}`, async () => {
        said = sentencesOf(await fleet.shown(guest.userKey));
        return entry.operator === null ? 'nothing' : said.find((one) => entry.operator?.test(one));
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}\nit read:\n${said.join('\n')}`);
      });
      let left: readonly string[] = [];
      await until('what is healthy is mirrored', async () => {
        left = await unequal(fleet, entry, guest.userKey);
        return left.length === 0;
      }).catch((error: unknown) => {
        throw new Error(
          `${(error as Error).message}\n${left.join('\n')}\nthe operator reads:\n${said.join('\n')}`,
        );
      });
      const after = await fleet.sizes();
      const grown = { redis: after.redis - before.redis, log: after.log - before.log };
      const figures = [
        (ms / 1_000).toFixed(1),
        ...[grown.redis, grown.log].map((one) => Math.round(one / 1_000)),
      ];
      if (TABLE_FILE) appendFileSync(TABLE_FILE, `| ${[name, ...figures, sentence].join(' | ')} |\n`);

      const ended = Object.values(fleet.processes).map(({ exited }) => Promise.race([exited, 'alive']));
      expect(await Promise.all(ended)).toEqual(ended.map(() => 'alive'));
      expect(await foreignDocuments(fleet, guests)).toEqual([]);
      for (const neighbour of NEIGHBOURS) expect(await fleet.world.differences(neighbour)).toEqual([]);
      expect(ms).toBeLessThan(NEIGHBOURS_MS);
      expect(grown.redis).toBeLessThan(MB);
      expect(grown.log).toBeLessThan(MB);
      expect(unfit(said)).toEqual([]);
      expect(leaksIn(said.join('\n'))).toEqual([]);
    },
    90_000,
  );

  test('nothing that was told or stored of them holds the secret, or does anything to a terminal', async () => {
    const { world, processes } = fleet;
    const logs = Object.values(processes).flatMap(({ lines }) => lines);
    expect(leaksIn(logs.join('\n'))).toEqual([]);
    for (const { name } of await world.db.listCollections().toArray()) {
      if (!name.startsWith('odoosync')) continue;
      const documents = await world.db.collection(name).find().toArray();
      expect({ name, leaks: leaksIn(JSON.stringify(documents)) }).toEqual({ name, leaks: [] });
    }
    const { code, out, err } = await endOf('cli', world.env, ['status', '--trouble']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(unfit(out.split('\n'))).toEqual([]);
    expect(leaksIn(out)).toEqual([]);
  });
});
