import { afterEach, describe } from '@jest/globals';
import { DEFAULT_SETTINGS } from '@odoo-sync/core';
import { describeAttention } from './attention.js';
import { describeAudits } from './audits.js';
import { describeClocks } from './clocks.js';
import { describeCommits } from './commits.js';
import type { Begin, Contracted, OpenContracted } from './contracted.js';
import { describeDueUsers } from './dueUsers.js';
import { describeDueWindows } from './dueWindows.js';
import { describeEvents } from './events.js';
import { describeFailedTurns } from './failedTurns.js';
import { describeFences } from './fences.js';
import { describeLanes } from './lanes.js';
import { describeLives } from './lives.js';
import { describeOutages } from './outages.js';
import { describeReissues } from './reissues.js';
import { describeReleases } from './releases.js';
import { describeSchemas } from './schemas.js';
import { describeTails } from './tails.js';
import { describeTilings } from './tilings.js';
import { describeWindowViews } from './windowViews.js';

const PARTS = [
  describeReleases,
  describeTilings,
  describeEvents,
  describeReissues,
  describeTails,
  describeLanes,
  describeFences,
  describeSchemas,
  describeCommits,
  describeAttention,
  describeClocks,
  describeDueUsers,
  describeDueWindows,
  describeFailedTurns,
  describeLives,
  describeOutages,
  describeWindowViews,
  describeAudits,
];

/** What every store must do that turns run on. Each test opens one that is empty. */
export function describeStoreContract(name: string, open: OpenContracted): void {
  describe(`the contract of the store: ${name}`, () => {
    const opened: Contracted[] = [];
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    });
    const begin: Begin = async (settings = {}) => {
      const contracted = await open({ ...DEFAULT_SETTINGS, rangeDays: 3, ...settings });
      opened.push(contracted);
      return { ...contracted, user: await contracted.addUser('acme') };
    };
    for (const part of PARTS) part(begin);
  });
}
