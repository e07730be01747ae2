import type { UserReport } from '@odoo-sync/core';
import { openConnection, openQueue, parsePayload } from '@odoo-sync/queue';
import type { CliConfig } from '@odoo-sync/runtime';

/** Records that running windows have read and not committed yet, by {@link moduleKey}. For the eyes alone: the ledger has the truth. */
export type InFlightRecords = ReadonlyMap<string, number>;

/** A module of a user, as a key. */
export const moduleKey = (userKey: string, module: string): string => `${userKey} ${module}`;

/** Asks the queue how far its running jobs are. */
export interface InFlightView {
  records(reports: readonly UserReport[]): Promise<InFlightRecords>;
  close(): Promise<void>;
}

export async function openInFlightView({ redisUrl, queue: { prefix } }: CliConfig): Promise<InFlightView> {
  const connection = await openConnection(redisUrl, { role: 'cli' });
  const queue = openQueue(connection, prefix);
  return {
    async records(reports) {
      const ours = new Set(reports.map(({ user }) => user.userKey));
      const found = new Map<string, number>();
      for (const job of await queue.getActive()) {
        const { userKey, module } = parsePayload(job.data);
        const { records } = job.progress as { readonly records?: unknown };
        if (module && ours.has(userKey) && typeof records === 'number')
          found.set(moduleKey(userKey, module), records);
      }
      return found;
    },
    async close() {
      await queue.close();
      await connection.disconnect();
    },
  };
}
