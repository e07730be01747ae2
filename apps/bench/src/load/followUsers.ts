import { DEFAULT_SETTINGS, type JobQueue, MODULE_NAMES, tailIdOf } from '@odoo-sync/core';
import { jobOf } from '@odoo-sync/engine';
import type { AnyBulkWriteOperation, Db } from 'mongodb';

const FAR = new Date('2100-01-01T00:00:00Z');
const RELEASE = 1;
const AT_ONCE = 64;

interface Plan {
  life: string;
  _id: string;
  [field: string]: unknown;
}

/**
 * Has users of a filled ledger followed: caught up as of now, their next tails due from `from` on, spread evenly over the pause
 * of an active one or a quiet one, the jobs in a queue that holds no other. Nobody looks at the other users of the ledger.
 *
 * @param active how many of them, the first ones, have had a change in the last day.
 */
export async function followUsers(
  db: Db,
  jobQueue: JobQueue,
  keys: readonly string[],
  active: number,
  from: Date,
): Promise<void> {
  const plans = db.collection<Plan>('odoosyncplans');
  await plans.updateMany(
    { nextTurnAt: { $lt: FAR } },
    { $set: { 'tail.status': 'idle', 'tail.dueAt': FAR, nextTurnAt: FAR } },
  );
  const { tailIntervalMs, tailQuietMs, repairMs } = DEFAULT_SETTINGS;
  const dueAt = (n: number): Date => {
    const share = n < active ? n / active : (n - active) / (keys.length - active);
    return new Date(from.getTime() + share * (n < active ? tailIntervalMs : tailQuietMs));
  };
  const now = new Date();
  const passed = Object.fromEntries(
    MODULE_NAMES.flatMap((module) =>
      ['lastPass', 'lastWide', 'describedAt'].map((name) => [`modules.${module}.${name}`, now]),
    ),
  );
  const followed = keys.map((_id, n): AnyBulkWriteOperation<Plan> => {
    const tail = {
      status: 'queued',
      release: RELEASE,
      dueAt: dueAt(n),
      startedAt: null,
      pauseMs: n < active ? tailIntervalMs : tailQuietMs,
      lastChangeAt: n < active ? now : null,
      lastEnd: now,
      lastError: null,
    };
    const nextTurnAt = new Date(dueAt(n).getTime() + repairMs);
    return {
      updateOne: { filter: { _id }, update: { $set: { ...passed, tail, nextTurnAt, outage: null } } },
    };
  });
  await plans.bulkWrite(followed, { ordered: false });
  const lives = new Map<string, string>();
  for await (const { _id, life } of plans.find({}, { projection: { life: 1 } })) lives.set(_id, life);
  const rest = [...keys.entries()];
  const put = async () => {
    for (let next = rest.pop(); next; next = rest.pop()) {
      const [n, userKey] = next;
      const life = lives.get(userKey) ?? '';
      const turn = { kind: 'tail' as const, userKey, life, turnId: tailIdOf(userKey), release: RELEASE };
      const delayMs = dueAt(n).getTime() - Date.now();
      await jobQueue.add(jobOf({ ...turn, module: null, startTime: null }, DEFAULT_SETTINGS, { delayMs }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
}
