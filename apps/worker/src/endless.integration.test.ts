import { afterEach, describe, expect, test } from '@jest/globals';
import type { TurnLimits } from '@odoo-sync/engine';
import { type BadNeighbour, type Mischief, startBadNeighbour } from './testing/badNeighbour.js';
import type { Tenant } from './testing/tenant.js';
import { NO_LIMITS, TurnWorld } from './testing/turnWorld.js';

const world = new TurnWorld();
const PARTNER = 'res.partner';
const PAGE = 50;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Meeting = Tenant & { readonly neighbour: BadNeighbour };

/** A tenant with seven contacts, whose Odoo stands behind a neighbour. */
async function meet(limits: { window?: Partial<TurnLimits>; tail?: Partial<TurnLimits> }): Promise<Meeting> {
  const neighbour = await startBadNeighbour(world.simulator.url);
  closers.push(() => neighbour.close());
  const tenant = await world.connect({
    url: neighbour.url,
    pageSize: PAGE,
    spool: { memoryBytes: 1_000 },
    limits: { window: { ...NO_LIMITS, ...limits.window }, tail: { ...NO_LIMITS, ...limits.tail } },
  });
  tenant.odoo.create(PARTNER, 7, { at: tenant.noon() });
  tenant.odoo.create('sale.order', 2, { at: tenant.noon() });
  return { ...tenant, neighbour };
}

interface Asked {
  readonly domain: readonly (readonly [string, string, unknown])[];
  readonly limit: number;
}

/** Contacts with ids that rise for ever, so many a page; all else is Odoo's. */
const endless =
  (rowsOfPage: (limit: number) => number): Mischief =>
  async ({ path, forward, answer }) => {
    if (path !== `/json/2/${PARTNER}/search_read`) {
      const { status, type, body } = await forward();
      return answer(body, type, status);
    }
    let asked: Asked | undefined;
    const { body } = await forward((kwargs) => {
      asked = kwargs as unknown as Asked;
      return { ...kwargs, domain: asked.domain.filter(([field]) => field !== 'id'), limit: 1 };
    });
    const [row] = JSON.parse(String(body)) as readonly object[];
    const after = Number(asked?.domain.find(([field]) => field === 'id')?.[2]);
    const ids = Array.from({ length: rowsOfPage(asked?.limit ?? 0) }, (_, n) => after + 1 + n);
    return answer(JSON.stringify(ids.map((id) => ({ ...row, id }))));
  };

const FULL = endless((limit) => limit);
const ONE = endless(() => 1);
const LIMITS: readonly [what: string, limits: Partial<TurnLimits>, how: Mischief, message: RegExp][] = [
  ['records', { records: 500 }, FULL, /went on past 500 records: .* raise TURN_MAX_RECORDS$/],
  ['pages of one record', { pages: 30 }, ONE, /went on past 30 pages: .* raise TURN_MAX_PAGES$/],
];

describe('a window without an end', () => {
  test.each([
    ...LIMITS,
    ['bytes', { bytes: 300_000 }, FULL, /went on past 300000 bytes: .* raise TURN_MAX_BYTES$/],
    ['time', { ms: 700 }, ONE, /went on past 1 seconds: .* raise WINDOW_MAX_MS$/],
  ] as typeof LIMITS)(
    'of %s fails at once and leaves nothing, and the lane goes on',
    async (_what, window, how, message) => {
      const tenant = await meet({ window });
      tenant.neighbour.mischief = { to: 'everything', how };
      expect((await tenant.window()).outcome.type).toBe('fail');
      expect(await tenant.batch()).toMatchObject({
        status: 'failed',
        attempts: 1,
        lastError: {
          kind: 'limit',
          message: expect.stringMatching(
            new RegExp(`^Odoo at http:\\S+ was asked for the contacts of \\S+ and ${message.source}`),
          ),
        },
      });
      expect(await tenant.mirrored()).toEqual([]);
      expect((await tenant.window('saleOrders')).outcome.type).toBe('done');
      tenant.neighbour.mischief = null;
      expect((await tenant.window('contacts', 1)).outcome.type).toBe('done');
      expect((await tenant.window()).outcome.type).toBe('done');
      expect(await tenant.mirrored()).toHaveLength(7);
    },
  );

  test('that stays within its limits is read', async () => {
    const tenant = await meet({ window: { records: 7, pages: 1, bytes: 100_000, ms: 60_000 } });
    expect((await tenant.window()).outcome.type).toBe('done');
    expect(await tenant.mirrored()).toHaveLength(7);
  });
});

describe('a tail without an end', () => {
  test.each([
    ...LIMITS,
    ['time', { ms: 700 }, ONE, /went on past 1 seconds: .* raise TAIL_MAX_MS$/],
  ] as typeof LIMITS)(
    'of %s in one module passes the others, and is over',
    async (_what, tail, how, message) => {
      const tenant = await meet({ tail });
      tenant.odoo.create(PARTNER, 1);
      tenant.neighbour.mischief = { to: 'everything', how };
      expect((await tenant.tail()).outcome.type).toBe('done');
      const { tail: state, modules } = await tenant.plan();
      expect(state).toMatchObject({
        status: 'queued',
        lastError: { kind: 'limit', message: expect.stringMatching(message) },
      });
      expect(modules.contacts.lastPass).toBeNull();
      expect(modules.saleOrders.lastPass).not.toBeNull();
      expect(modules.employees.lastPass).not.toBeNull();
      tenant.neighbour.mischief = null;
      expect((await tenant.tail()).outcome.type).toBe('done');
      expect((await tenant.plan()).tail.lastError).toBeNull();
    },
  );
});
