import { expect, test } from '@jest/globals';
import { apiKey, collect, failureOf, never, odooOf, password, Servers } from './testing/server.js';

const servers = new Servers();
const SINCE = new Date('2026-11-22T00:00:00Z');
const PACE_MS = 60;
// Timers of Node fire up to a millisecond early.
const LEAST_MS = PACE_MS - 2;

const fields = () => ({ id: { type: 'integer' }, write_date: { type: 'datetime' } });

test.each([
  [19, apiKey],
  [14, password],
])('every request to an Odoo %i keeps the pace, whatever it asks', async (version, credentials) => {
  const { url, requests } = await servers.listen(
    odooOf(version, ({ method }) =>
      method === 'fields_get'
        ? fields()
        : method === 'search_read'
          ? []
          : method === 'search_count'
            ? 0
            : true,
    ),
  );
  const source = await servers.open(url, credentials, { apiCallDelayMs: PACE_MS });
  await Promise.all([
    source.describe('contacts', never),
    source.touch(never),
    collect(source.light('contacts', SINCE, never)),
    source.count('invoices', [{ start: null, end: SINCE }], never),
  ]);
  const gaps = requests.slice(1).map(({ at }, n) => at - (requests[n]?.at ?? 0));
  expect(gaps.length).toBeGreaterThanOrEqual(6);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(LEAST_MS);
});

test('a pace is counted from where it is set: the turn before may have been another worker’s', async () => {
  const { source, requests } = await servers.odoo(19, () => []);
  source.setPace(PACE_MS);
  const began = performance.now();
  await collect(source.light('contacts', SINCE, never));
  expect((requests.at(-1)?.at ?? 0) - began).toBeGreaterThanOrEqual(LEAST_MS);
});

test('a stop while the pace is waited out ends the reading at once', async () => {
  const { source, requests } = await servers.odoo(19, () => []);
  source.setPace(3_600_000);
  const stop = new AbortController();
  const reading = failureOf(collect(source.light('contacts', SINCE, stop.signal)));
  const seen = requests.length;
  stop.abort();
  expect(await reading).toBeInstanceOf(Error);
  expect(requests).toHaveLength(seen);
  source.setPace(0);
  expect(await collect(source.light('contacts', SINCE, never))).toEqual([]);
});
