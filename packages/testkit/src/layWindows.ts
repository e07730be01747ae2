import {
  type BatchLedger,
  type LaneStore,
  MODULE_NAMES,
  odooTime,
  rangeStartOf,
  type User,
  windowOf,
  windowsToRead,
} from '@odoo-sync/core';
import { must } from './must.js';

/** Where a test's user begins. */
export const firstDay = (user: User): Date => must(rangeStartOf(user), 'its whole history is mirrored');

/** Makes every module's windows up to the user's connection, as if no survey had told what they hold. */
export async function layWindows(
  store: Pick<LaneStore, 'takeLane'> & Pick<BatchLedger, 'createWindows'>,
  user: User,
): Promise<void> {
  const { userKey, life, connectedAt } = user;
  const tiling = { range: user.rangeDays, from: firstDay(user), until: odooTime(windowOf(connectedAt).end) };
  const toRead = windowsToRead(tiling.from, tiling.until, [], null);
  const history = { tiling, toRead, empty: [], surveyedAt: odooTime(connectedAt), records: null };
  for (const module of MODULE_NAMES) {
    const turn = { kind: 'tail', userKey, life, turnId: 'made', release: 0 } as const;
    const grant = await store.takeLane(turn, module);
    if (!('lane' in grant)) throw new Error('the lane of a new user is taken');
    await store.createWindows(grant.lane, null, history);
    await grant.lane.giveBack({ end: 'noop', pages: 0, counts: null });
  }
}
