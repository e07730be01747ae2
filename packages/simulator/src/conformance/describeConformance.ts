import { afterAll, beforeAll, describe } from '@jest/globals';
import { logIn } from './client.js';
import { describeDomains } from './domainCases.js';
import { describeErrors } from './errorCases.js';
import { describeJson2 } from './json2Cases.js';
import { describePaging } from './pagingCases.js';
import { describeRights } from './rightsCases.js';
import { describeSurvey } from './surveyCases.js';
import type { PreparedTarget } from './target.js';
import { describeValues } from './valueCases.js';
import { describeVersions } from './versionCases.js';
import { clearWorkbench, makeWorkbench, type Workbench } from './workbench.js';
import { describeWriteDates } from './writeDateCases.js';

/**
 * What the engine relies on of an Odoo 19, asked over HTTP: the same cases for the simulator and for a real server. The target
 * is left as found: only contacts with a name of this run's own are made, and they are removed.
 */
export function describeConformance(name: string, prepare: () => Promise<PreparedTarget>): void {
  describe(`${name} conforms to Odoo 19`, () => {
    let workbench: Workbench | undefined;
    let prepared: PreparedTarget | undefined;
    const bench = (): Workbench => {
      if (workbench === undefined) throw new Error('The workbench is made before the first test');
      return workbench;
    };
    beforeAll(async () => {
      prepared = await prepare();
      const client = await logIn(prepared.target);
      workbench = makeWorkbench(client, `conformance-${Date.now().toString(36)}-${process.pid}`);
    });
    afterAll(async () => {
      if (workbench !== undefined) await clearWorkbench(workbench);
      await prepared?.release();
    });
    describeVersions(bench);
    describeErrors(bench);
    describeJson2(bench);
    describeWriteDates(bench);
    describeDomains(bench);
    describePaging(bench);
    describeSurvey(bench);
    describeValues(bench);
    describeRights(bench);
  });
}
