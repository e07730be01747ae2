import {
  type Batch,
  batchIdOf,
  jobIdOf,
  MODULES,
  type ModuleName,
  type ModuleSchema,
  type Store,
  type SyncState,
  storeTime,
  type TurnHandle,
  type TurnJob,
  type TurnOutcome,
  type User,
  WINDOW_MS,
} from '@odoo-sync/core';
import { advance, type Engine, type JobTurn, runTurn } from '@odoo-sync/engine';
import type { SimulatedDatabase } from '@odoo-sync/simulator';
import { firstDay, must, type World } from '@odoo-sync/testkit';

const NOON_MS = 43_200_000;

export interface Ran {
  readonly outcome: TurnOutcome;
  /** What the turn wrote into its job's log. */
  readonly lines: readonly string[];
}

/** An engine whose store can be asked everything. */
export type TestEngine = Engine & { readonly store: Store };

/** A user of a simulated Odoo of its own, and a worker's engine that runs its turns when it is told to. */
export interface Tenant {
  readonly engine: TestEngine;
  readonly user: User;
  readonly odoo: SimulatedDatabase;
  /** What opens its Odoo. */
  readonly secret: string;
  readonly jobs: ReadonlyMap<string, TurnJob>;
  /** What this worker has counted, as Prometheus reads it. */
  scrape(): Promise<string>;
  plan(): Promise<SyncState>;
  /** What is read of its contacts. */
  schema(): Promise<ModuleSchema>;
  batch(module?: ModuleName, day?: number): Promise<Batch>;
  /** A window's batch, released and not yet run. */
  released(module?: ModuleName, day?: number): Promise<JobTurn>;
  run(turn: JobTurn, options?: RunOptions): Promise<Ran>;
  /** Runs a window; the first one of the contacts, which is old enough to be sealed, unless told. */
  window(module?: ModuleName, day?: number, options?: RunOptions): Promise<Ran>;
  /** Runs the tail now, whenever it is due. */
  tail(options?: RunOptions): Promise<Ran>;
  /** Runs whatever job is ready, and what follows from it, until none is. */
  drain(): Promise<void>;
  /** Noon of a window. */
  noon(day?: number): Date;
  mirrored(module?: ModuleName): Promise<readonly Mirrored[]>;
  /** Changes the plan as no port does. */
  patchPlan(set: Readonly<Record<string, unknown>>): Promise<void>;
  requests(method: string, model?: string): number;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onLog?: (line: string) => void;
}

export interface Mirrored {
  readonly odooId: number;
  readonly _sync: { readonly hash: string };
  readonly [field: string]: unknown;
}

/** What a tenant is made of. */
export interface TenantParts extends Pick<Tenant, 'engine' | 'user' | 'odoo' | 'secret' | 'scrape'> {
  readonly world: Pick<World, 'db' | 'patchPlan'> & { readonly said: string[] };
  /** The real one, whatever the engine's does more. */
  readonly store: Store;
  readonly jobs: Map<string, TurnJob>;
}

export function createTenant({ world, store, ...parts }: TenantParts): Tenant {
  const { engine, user, odoo, jobs } = parts;
  const { userKey, life } = user;
  const dayStart = (day: number) => new Date(firstDay(user).getTime() + day * WINDOW_MS);
  const tenant: Tenant = {
    ...parts,
    plan: async () => must(await store.syncState(user), 'there is no plan'),
    schema: async () => must(await store.schema(user, 'contacts'), 'contacts were not described yet'),
    batch: async (module = 'contacts', day = 0) =>
      must(
        await store.batch(batchIdOf(userKey, module, dayStart(day))),
        `no batch of ${module} on day ${day}`,
      ),
    async released(module = 'contacts', day = 0) {
      const batch = await tenant.batch(module, day);
      const queued =
        batch.status === 'queued'
          ? batch
          : await store.batchEvent(batch, { type: 'release', at: storeTime(new Date()) });
      if (!queued) throw new Error(`${batch._id} can't be released: it is ${batch.status}`);
      return { kind: 'backfill', userKey, life, turnId: queued._id, release: queued.release, module };
    },
    run: async (turn, { signal = new AbortController().signal, onLog } = {}) => {
      jobs.delete(jobIdOf(turn.turnId, turn.release));
      const lines: string[] = [];
      const handle: TurnHandle = {
        attemptsMade: 0,
        signal,
        log: (line) => {
          lines.push(line);
          world.said.push(line);
          onLog?.(line);
        },
        progress: (state) => void world.said.push(JSON.stringify(state)),
      };
      const outcome = await runTurn(engine, turn, handle);
      const error = 'error' in outcome ? `${outcome.error.stack} ${JSON.stringify(outcome.error)}` : '';
      world.said.push(`${JSON.stringify(outcome)} ${error}`);
      return { outcome, lines };
    },
    window: async (module = 'contacts', day = 0, options = {}) =>
      tenant.run(await tenant.released(module, day), options),
    async tail(options) {
      await tenant.patchPlan({ 'tail.status': 'queued', 'tail.dueAt': new Date() });
      const { release } = (await tenant.plan()).tail;
      return tenant.run({ kind: 'tail', userKey, life, turnId: `tail-${userKey}`, release }, options);
    },
    async drain() {
      await tenant.patchPlan({ nextTurnAt: new Date() });
      await advance(engine, userKey);
      const ready = () => [...jobs.values()].find(({ delayMs }) => delayMs === 0);
      for (let job = ready(); job; job = ready()) {
        const { outcome } = await tenant.run(job);
        if (outcome.type !== 'done')
          throw new Error(`${job.turnId} ended as ${outcome.type}: ${JSON.stringify(outcome)}`);
      }
    },
    noon: (day = 0) => new Date(dayStart(day).getTime() + NOON_MS),
    mirrored: async (module = 'contacts') =>
      world.db
        .collection(MODULES[module].collection)
        .find({ userId: user.userId })
        .sort({ odooId: 1 })
        .toArray() as unknown as Promise<readonly Mirrored[]>,
    patchPlan: (set) => world.patchPlan(userKey, set),
    requests: (method, model = MODULES.contacts.model) => odoo.requests.get(`${model}.${method}`) ?? 0,
  };
  return tenant;
}
