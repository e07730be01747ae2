import { MODULE_NAMES, type ModuleName, type User } from '@odoo-sync/core';
import { createOdooSource } from '@odoo-sync/odoo';
import { createLogger } from '@odoo-sync/runtime';
import type { MongoStore } from '@odoo-sync/store-mongo';
import { compareModule } from './compare.js';
import type { RunningDemo } from './demo.js';
import { moduleKey } from './inFlight.js';
import { LOOK_MS, ourReports } from './reports.js';
import type { SummaryRow } from './summary.js';
import { untilOrStopped } from './wait.js';

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
  const { timeoutMs: requestTimeoutMs, ...reading } = config.source;
  const open = createOdooSource({
    ...reading,
    limitPerCall: reading.limitPerCallMax,
    requestTimeoutMs,
    log: createLogger({ level: 'silent', name: 'demo' }),
  });
  const rows: SummaryRow[] = [];
  for (const user of users) {
    const source = await open(user.address, await store.credentials(user.userKey), stop);
    const report = reports.find((one) => one.user.userKey === user.userKey);
    for (const module of MODULE_NAMES) {
      const shown = report?.modules.find((one) => one.module === module);
      if (!shown || shown.state === 'unavailable') continue;
      const comparison = await compareModule(
        store,
        source,
        user,
        module,
        await fieldsOf(store, user, module),
        stop,
      );
      rows.push({
        user,
        report: shown,
        comparison,
        seconds: seconds.get(moduleKey(user.userKey, module)) ?? 0,
      });
    }
    source.close();
  }
  return rows;
}

async function fieldsOf(store: MongoStore, user: User, module: ModuleName) {
  const fields = (await store.plan(user.userKey))?.modules[module].fields;
  if (!fields) throw new Error(`no field list of ${module} is stored for ${user.userKey}`);
  return fields;
}
