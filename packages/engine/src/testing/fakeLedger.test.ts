import {
  applyBatchEvent,
  applyResyncEvent,
  type Batch,
  type BatchEvent,
  batchIdOf,
  type EngineSettings,
  firstSyncState,
  type ModuleName,
  newBatch,
  type Resync,
  type ResyncEvent,
  rangeStartOf,
  type SyncState,
  type TurnRef,
  tailIdOf,
  type User,
  type UserRef,
  type Window,
} from '@odoo-sync/core';

const BATCH_GUARD = ['life', 'status', 'release', 'attempts', 'expiries', 'parts'] as const;
const RESYNC_GUARD = ['life', 'status', 'release', 'position', 'attempts', 'expiries'] as const;

/** Whose doing a change is: a turn's, or of whatever hands out and repairs turns. */
export interface Author {
  readonly turn: TurnRef | null;
  /** The turn's number was already old when its job was taken. */
  readonly stale: boolean;
}

/** A plan, and the life that it is of. */
export type FakePlan = SyncState & { readonly life: string };

const RELEASES_PER_LIFE = 1_000_000;

/** The ledger's documents, and the rules by which they change: the domain's events, compared and set. */
export class FakeLedger {
  #lives = 0;
  readonly users = new Map<string, User>();
  readonly plans = new Map<string, FakePlan>();
  readonly batches = new Map<string, Batch>();
  readonly resyncs = new Map<string, Resync>();
  /** The number before a life's first release. */
  readonly bases = new Map<string, number>();
  /** Users who must be there: added, and nobody has asked for this life's removal. */
  readonly added = new Map<string, string>();
  /** What broke a rule. */
  readonly violations: string[] = [];
  /** Which events happened. */
  readonly events = new Set<string>();
  readonly #released = new Set<string>();

  constructor(
    readonly now: () => number,
    readonly settings: EngineSettings,
    readonly modules: readonly ModuleName[],
  ) {}

  /** @returns the new life; null where the user is there already. */
  addUser(userKey: string, skewMs: number): User | null {
    if (this.users.has(userKey)) return null;
    const connectedAt = new Date(this.now());
    const { rangeDays } = this.settings;
    const life = `life${this.#lives}`;
    const release = this.#lives++ * RELEASES_PER_LIFE;
    const user: User = {
      userKey,
      life,
      userId: userKey,
      address: { url: 'https://odoo.test', db: 'main' },
      login: 'mirror',
      credentialKind: 'apiKey',
      credentialVersion: 1,
      connectedAt,
      rangeDays,
      language: null,
      callDelayMs: null,
      standing: 'active',
      attention: null,
    };
    this.users.set(userKey, user);
    const { tailIntervalMs } = this.settings;
    const plan = firstSyncState({ connectedAt, release, tailIntervalMs });
    const from = rangeStartOf({ connectedAt, rangeDays }) ?? connectedAt;
    const laid = { ...plan.modules.contacts, tiling: { range: rangeDays, from, until: from } };
    const modules = Object.fromEntries(this.modules.map((name) => [name, laid]));
    this.plans.set(userKey, { ...plan, life, modules: { ...plan.modules, ...modules }, skewMs });
    this.bases.set(life, release);
    this.added.set(userKey, life);
    return user;
  }

  /** Whether what a turn or a request is of lives. */
  lives = ({ userKey, life }: UserRef): boolean => this.plans.get(userKey)?.life === life;

  markRemoved({ userKey, life }: UserRef): void {
    const user = this.users.get(userKey);
    if (user?.life !== life) return;
    this.users.set(userKey, { ...user, standing: 'removing' });
    if (this.added.get(userKey) === life) this.added.delete(userKey);
  }

  dropPlan(user: UserRef): void {
    if (this.lives(user)) this.plans.delete(user.userKey);
  }

  dropTurns({ userKey, life }: UserRef): void {
    for (const all of [this.batches, this.resyncs])
      for (const one of [...all.values()])
        if (one.userKey === userKey && one.life === life) all.delete(one._id);
  }

  dropUser({ userKey, life }: UserRef): void {
    if (this.users.get(userKey)?.life === life) this.users.delete(userKey);
  }

  makeBatch(user: UserRef, module: ModuleName, window: Window): void {
    const _id = batchIdOf(user.userKey, module, window.start);
    const there = this.batches.get(_id);
    if (there && there.life !== user.life)
      this.violations.push(`${_id} of ${there.life} stands in the way of ${user.life}`);
    if (!there) this.batches.set(_id, newBatch(user, module, window, this.bases.get(user.life) ?? 0));
  }

  batchEvent(author: Author, batch: Batch, event: BatchEvent): Batch | null {
    const stored = this.batches.get(batch._id);
    if (!stored || BATCH_GUARD.some((field) => stored[field] !== batch[field])) return null;
    const next = applyBatchEvent(batch, event, this.settings);
    this.#classifyFault(author, stored, next, `batch ${event.type}`);
    if (next.lastError?.kind === 'crashed') this.events.add('crashed');
    if (stored.status === 'succeeded') this.violations.push(`${batch._id} was taken back from succeeded`);
    this.batches.set(batch._id, next);
    return next;
  }

  resyncEvent(author: Author, resync: Resync, event: ResyncEvent): Resync | null {
    const stored = this.resyncs.get(resync._id);
    if (!stored || RESYNC_GUARD.some((field) => stored[field] !== resync[field])) return null;
    const next = applyResyncEvent(resync, event, this.settings);
    if (!next) return null;
    this.#classifyFault(author, stored, next, `resync ${event.type}`);
    if (next.lastError?.kind === 'crashed') this.events.add('crashed');
    this.resyncs.set(resync._id, next);
    return next;
  }

  /** The one way to change a plan; its tail's number is judged as any other. */
  setPlan(author: Author, userKey: string, patch: Partial<SyncState>): FakePlan {
    const plan = this.planOf(userKey);
    const next = { ...plan, ...patch, rev: plan.rev + 1 };
    if (patch.tail) {
      const _id = tailIdOf(userKey);
      this.#classifyFault(
        author,
        { _id, release: plan.tail.release },
        { _id, release: next.tail.release },
        'tail',
      );
    }
    this.plans.set(userKey, next);
    return next;
  }

  planOf(userKey: string): FakePlan {
    const plan = this.plans.get(userKey);
    if (!plan) throw new Error(`there is no user ${userKey}`);
    return plan;
  }

  /** The end of the windows that were made: of every module the same here. */
  tiledUntil(userKey: string): Date {
    const [module] = this.modules;
    const tiling = module && this.planOf(userKey).modules[module].tiling;
    if (!tiling) throw new Error(`${userKey} has no windows`);
    return tiling.until;
  }

  extend(author: Author, userKey: string, until: Date): void {
    if (this.tiledUntil(userKey) >= until) return;
    const { modules } = this.planOf(userKey);
    const extended = this.modules.map((name) => {
      const { tiling } = modules[name];
      return [name, { ...modules[name], tiling: tiling && { ...tiling, until } }];
    });
    this.setPlan(author, userKey, { modules: { ...modules, ...Object.fromEntries(extended) } });
  }

  odooNow = (userKey: string): Date => new Date(this.now() + (this.plans.get(userKey)?.skewMs ?? 0));

  /** The number that a job must carry to be heard. */
  currentRelease({ kind, userKey, life, turnId }: TurnRef): number | undefined {
    if (!this.lives({ userKey, life })) return undefined;
    if (kind === 'tail') return this.plans.get(userKey)?.tail.release;
    return (kind === 'resync' ? this.resyncs : this.batches).get(turnId)?.release;
  }

  #classifyFault({ turn, stale }: Author, before: Numbered, after: Numbered, event: string): void {
    this.events.add(event);
    const what = `${event} of ${before._id} from ${before.release} to ${after.release}`;
    if (stale) this.violations.push(`${what}: by a job whose number was old`);
    if (turn && turn.turnId === before._id && turn.release !== before.release)
      this.violations.push(`${what}: by the turn ${turn.release}`);
    if (after.release < before.release) this.violations.push(`${what}: the number fell`);
    if (after.release === before.release) return;
    const number = `${after._id}-${after.release}`;
    if (this.#released.has(number)) this.violations.push(`${what}: that number was given before`);
    this.#released.add(number);
  }
}

interface Numbered {
  readonly _id: string;
  readonly release: number;
}
