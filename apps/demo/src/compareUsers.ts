import { compareUser } from '@odoo-sync/compare';
import { type OpenSource, untilOrStopped } from '@odoo-sync/core';
import { createOdooSource } from '@odoo-sync/odoo';
import { type CliConfig, createLogger } from '@odoo-sync/runtime';
import { moduleKey } from './inFlight.js';
import { LOOK_MS, ourReports, type RunningDemo } from './runningDemo.js';
import type { SummaryRow } from './summary.js';

/** Edits pause, the tail catches up with the last of them, and then every record is compared. */
export async function compareUsers(
  demo: RunningDemo,
  seconds: ReadonlyMap<string, number>,
): Promise<readonly SummaryRow[]> {
  const { client, store, users, config, stop } = demo;
  await client?.call('editor.pause');
  const moment = client ? new Date((await client.call('clock')).now) : new Date(0);
  const reports =
    (await untilOrStopped(stop, LOOK_MS, async () => {
      const now = await ourReports(demo);
      const past = now.every(
        ({ caughtUp, modules }) =>
          caughtUp &&
          modules.every((one) => one.state === 'unavailable' || (one.lastPass ?? moment) > moment),
      );
      return past || !client ? now : null;
    })) ?? [];
  const open = sourcesOf(config);
  const rows: SummaryRow[] = [];
  for (const user of users) {
    const report = reports.find((one) => one.user.userKey === user.userKey);
    for (const comparison of await compareUser(store, open, user, stop)) {
      const { module } = comparison;
      const shown = report?.modules.find((one) => one.module === module);
      if (!shown) continue;
      rows.push({
        user,
        report: shown,
        comparison,
        seconds: seconds.get(moduleKey(user.userKey, module)) ?? 0,
      });
    }
  }
  return rows;
}

/** Reads with the fleet's settings, in the largest pages that they allow. */
function sourcesOf({ source: { timeoutMs: requestTimeoutMs, ...source } }: CliConfig): OpenSource {
  const log = createLogger({ level: 'silent', name: 'demo' });
  return createOdooSource({ ...source, limitPerCall: source.limitPerCallMax, requestTimeoutMs, log });
}
