import { applyBatchEvent, type Batch, type BatchEvent, newBatch } from '../batch.js';
import { firstPlan } from '../firstPlan.js';
import { batchIdOf, tailIdOf } from '../ids.js';
import type { ModuleName } from '../modules.js';
import type { User, UserPlan } from '../ports/store.js';
import { applyResyncEvent, type Resync, type ResyncEvent } from '../resync.js';
import type { EngineSettings } from '../settings.js';
import type { TurnRef } from '../turns.js';
import { rangeStartOf, type Window } from '../windows.js';

const BATCH_GUARD = ['status', 'release', 'attempts', 'expiries', 'parts'] as const;
const RESYNC_GUARD = ['status', 'release', 'position', 'attempts', 'expiries'] as const;

/** Whose doing a change is: a turn's, or of whatever hands out and repairs turns. */
export interface Author {
  readonly turn: TurnRef | null;
  /** The turn's number was already old when its job was taken. */
  readonly stale: boolean;
}

/** The ledger's documents, and the rules by which they change: the domain's events, compared and set. */
export class FakeLedger {
  readonly users = new Map<string, User>();
  readonly plans = new Map<string, UserPlan>();
  readonly batches = new Map<string, Batch>();
  readonly resyncs = new Map<string, Resync>();
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

  addUser(userKey: string, skewMs: number): void {
    const connectedAt = new Date(this.now());
    const { rangeDays } = this.settings;
    this.users.set(userKey, {
      userKey,
      userId: userKey,
      address: { url: 'https://odoo.test', db: 'main' },
      login: 'mirror',
      credentialKind: 'apiKey',
      credentialVersion: 1,
      connectedAt,
      rangeDays,
      standing: 'active',
      attention: null,
    });
    const { tailIntervalMs } = this.settings;
    const plan = firstPlan({ connectedAt, release: 0, tailIntervalMs });
    const from = rangeStartOf({ connectedAt, rangeDays }) ?? connectedAt;
    const laid = { ...plan.modules.contacts, tiling: { range: rangeDays, from, until: from } };
    const modules = Object.fromEntries(this.modules.map((name) => [name, laid]));
    this.plans.set(userKey, { ...plan, modules: { ...plan.modules, ...modules }, skewMs });
  }

  makeBatch(userKey: string, module: ModuleName, window: Window): void {
    const _id = batchIdOf(userKey, module, window.start);
    if (this.batches.has(_id)) return;
    this.batches.set(_id, newBatch(userKey, module, window, 0));
  }

  batchEvent(author: Author, batch: Batch, event: BatchEvent): Batch | null {
    const stored = this.batches.get(batch._id);
    if (!stored || BATCH_GUARD.some((field) => stored[field] !== batch[field])) return null;
    const next = applyBatchEvent(batch, event, this.settings);
    this.#judge(author, stored, next, `batch ${event.type}`);
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
    this.#judge(author, stored, next, `resync ${event.type}`);
    if (next.lastError?.kind === 'crashed') this.events.add('crashed');
    this.resyncs.set(resync._id, next);
    return next;
  }

  /** The one way to change a plan; its tail's number is judged as any other. */
  setPlan(author: Author, userKey: string, patch: Partial<UserPlan>): UserPlan {
    const plan = this.planOf(userKey);
    const next = { ...plan, ...patch, rev: plan.rev + 1 };
    if (patch.tail) {
      const _id = tailIdOf(userKey);
      this.#judge(author, { _id, release: plan.tail.release }, { _id, release: next.tail.release }, 'tail');
    }
    this.plans.set(userKey, next);
    return next;
  }

  planOf(userKey: string): UserPlan {
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

  odooNow = (userKey: string): Date => new Date(this.now() + this.planOf(userKey).skewMs);

  /** The number that a job must carry to be heard. */
  currentRelease({ kind, userKey, doc }: TurnRef): number | undefined {
    if (kind === 'tail') return this.plans.get(userKey)?.tail.release;
    return (kind === 'resync' ? this.resyncs : this.batches).get(doc)?.release;
  }

  #judge({ turn, stale }: Author, before: Numbered, after: Numbered, event: string): void {
    this.events.add(event);
    const what = `${event} of ${before._id} from ${before.release} to ${after.release}`;
    if (stale) this.violations.push(`${what}: by a job whose number was old`);
    if (turn && turn.doc === before._id && turn.release !== before.release)
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
