import {
  type Audit,
  type AuditEvent,
  applyAuditEvent,
  applyBatchEvent,
  applyResyncEvent,
  type Batch,
  type BatchEvent,
  type EngineSettings,
  firstSyncState,
  type Lane,
  later,
  MODULE_NAMES,
  type ModuleName,
  type ModuleSchema,
  newAudit,
  type OdooTime,
  odooTime,
  type Resync,
  type ResyncEvent,
  resyncTotal,
  type SyncState,
  storeTime,
  TURN_KINDS,
  type TurnRef,
  tailIdOf,
  type User,
  type UserRef,
} from '@odoo-sync/core';

const BATCH_GUARD = ['life', 'status', 'release', 'attempts', 'expiries', 'parts'] as const;
const RESYNC_GUARD = ['life', 'status', 'release', 'position', 'attempts', 'expiries'] as const;

const AUDIT_GUARD = ['life', 'status', 'release', 'attempts', 'expiries', 'dueAt'] as const;

/** Events that are the turn's own: no other turn, and no earlier release of it, may cause them. */
const OWN_EVENTS = new Set([
  'start',
  'commitPart',
  'commit',
  'fail',
  'handBack',
  'withdraw',
  'windowDone',
  'slice',
  'end',
  'stop',
  'postpone',
]);

/** Whose doing a change is: a turn's, or of whatever hands out and repairs turns. */
export interface Author {
  readonly turn: TurnRef | null;
  /** The turn's number was already old when its job was taken. */
  readonly stale: boolean;
}

export const NOBODY: Author = { turn: null, stale: false };

/** A user's sync state, and the life that it is of. */
export type StoredState = SyncState & { readonly life: string };

const RELEASES_PER_LIFE = 1_000_000;

/** A module's schema, and the life that it is of. */
export type StoredSchema = ModuleSchema & { readonly life: string };

const placeOf = (userKey: string, module: ModuleName) => `${userKey}/${module}`;

/** The ledger's documents in memory, and the rules by which they change: the domain's events, compared and set. */
export class MemoryLedger {
  #lives = 0;
  #requests = 0;
  readonly users = new Map<string, User>();
  readonly states = new Map<string, StoredState>();
  readonly schemas = new Map<string, StoredSchema>();
  readonly batches = new Map<string, Batch>();
  readonly resyncs = new Map<string, Resync>();
  readonly audits = new Map<string, Audit>();
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
  ) {}

  /** @returns the new life; null where the user is there already. */
  addUser(userKey: string, address = { url: 'https://odoo.test', db: userKey }): User | null {
    if (this.users.has(userKey)) return null;
    const connectedAt = new Date(this.now());
    const { rangeDays, tailIntervalMs } = this.settings;
    const life = `life${this.#lives}`;
    const release = this.#lives++ * RELEASES_PER_LIFE;
    const user: User = {
      userKey,
      life,
      userId: userKey,
      address,
      login: 'mirror',
      credentialKind: 'apiKey',
      credentialVersion: 1,
      connectedAt: storeTime(connectedAt),
      rangeDays,
      language: null,
      callDelayMs: null,
      standing: 'active',
      attention: null,
      databaseAcceptedAt: null,
    };
    this.users.set(userKey, user);
    this.states.set(userKey, {
      ...firstSyncState({ connectedAt: storeTime(connectedAt), release, tailIntervalMs }),
      life,
    });
    for (const module of MODULE_NAMES) {
      const dueAt = later(storeTime(connectedAt), this.settings.auditIntervalMs);
      const audit = newAudit({ userKey, life }, module, release, dueAt);
      this.audits.set(audit._id, audit);
    }
    this.bases.set(life, release);
    this.added.set(userKey, life);
    return user;
  }

  /** An operator sets the credentials anew. */
  changeCredentials({ userKey, life }: UserRef): void {
    const user = this.users.get(userKey);
    if (user?.life === life)
      this.users.set(userKey, { ...user, credentialVersion: user.credentialVersion + 1 });
  }

  /** Whether the life that something is of goes on. */
  lives = ({ userKey, life }: UserRef): boolean => this.states.get(userKey)?.life === life;

  /** Everybody who is mirrored from the same Odoo database as a user, that one included; nobody once its life has ended. */
  sharers(user: UserRef): readonly UserRef[] {
    const address = this.lives(user) ? this.users.get(user.userKey)?.address : undefined;
    return [...this.users.values()].filter(
      (one) => this.lives(one) && one.address.url === address?.url && one.address.db === address?.db,
    );
  }

  markRemoved({ userKey, life }: UserRef): void {
    const user = this.users.get(userKey);
    if (user?.life !== life) return;
    this.users.set(userKey, { ...user, standing: 'removing' });
    if (this.added.get(userKey) === life) this.added.delete(userKey);
  }

  dropState(user: UserRef): void {
    if (this.lives(user)) this.states.delete(user.userKey);
  }

  dropSchemas({ userKey, life }: UserRef): void {
    for (const module of MODULE_NAMES)
      if (this.schemas.get(placeOf(userKey, module))?.life === life)
        this.schemas.delete(placeOf(userKey, module));
  }

  dropTurns({ userKey, life }: UserRef): void {
    for (const all of [this.batches, this.resyncs, this.audits])
      for (const one of [...all.values()])
        if (one.userKey === userKey && one.life === life) all.delete(one._id);
  }

  dropUser({ userKey, life }: UserRef): void {
    if (this.users.get(userKey)?.life === life) this.users.delete(userKey);
  }

  schemaOf({ userKey, life }: UserRef, module: ModuleName): ModuleSchema | null {
    const stored = this.schemas.get(placeOf(userKey, module));
    return stored?.life === life ? { fields: stored.fields, retired: stored.retired } : null;
  }

  /** @returns its version. */
  putSchema({ userKey, life, module }: Lane, schema: ModuleSchema): string {
    this.schemas.set(placeOf(userKey, module), { ...schema, life });
    return JSON.stringify(schema);
  }

  base = ({ life }: UserRef): number => this.bases.get(life) ?? 0;

  putBatch(batch: Batch): void {
    const there = this.batches.get(batch._id);
    if (there) this.violations.push(`${batch._id} of ${there.life} stands in the way of ${batch.life}`);
    this.batches.set(batch._id, batch);
  }

  putResync(
    user: UserRef,
    range: { readonly modules: readonly ModuleName[]; readonly from: Date; readonly to: Date },
  ): Resync {
    const _id = `resync-${this.#requests++}`;
    const resync: Resync = {
      ...range,
      _id,
      userKey: user.userKey,
      life: user.life,
      only: null,
      position: 0,
      total: resyncTotal(range.from, range.to, range.modules.length),
      status: 'pending',
      release: 0,
      attempts: 0,
      expiries: 0,
      retryAt: null,
      queuedAt: null,
      requestedAt: storeTime(new Date(this.now())),
      failures: [],
      lastError: null,
    };
    this.resyncs.set(_id, resync);
    this.makeDue(user);
    return resync;
  }

  makeDue({ userKey }: UserRef): void {
    this.setState(NOBODY, userKey, { nextTurnAt: storeTime(new Date(this.now())) });
  }

  batchEvent(author: Author, batch: Batch, event: BatchEvent): Batch | null {
    const stored = this.batches.get(batch._id);
    if (!stored || BATCH_GUARD.some((field) => stored[field] !== batch[field])) return null;
    const next = applyBatchEvent(batch, event, this.settings);
    this.#check(author, event.type, stored, next, 'batch');
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
    this.#check(author, event.type, stored, next, 'resync');
    if (next.lastError?.kind === 'crashed') this.events.add('crashed');
    this.resyncs.set(resync._id, next);
    return next;
  }

  auditEvent(author: Author, audit: Audit, event: AuditEvent): Audit | null {
    const stored = this.audits.get(audit._id);
    if (!stored || AUDIT_GUARD.some((field) => String(stored[field]) !== String(audit[field]))) return null;
    const next = applyAuditEvent(audit, event, this.settings);
    if (!next) return null;
    this.#check(author, event.type, stored, next, 'audit');
    if (next.lastError?.kind === 'crashed') this.events.add('crashed');
    this.audits.set(audit._id, next);
    return next;
  }

  /** The one way to change a sync state under its revision; its tail's number is checked as any other. */
  setState(author: Author, userKey: string, patch: Partial<SyncState>): StoredState {
    const state = this.stateOf(userKey);
    const next = { ...state, ...patch, rev: state.rev + 1 };
    if (patch.tail) {
      const _id = tailIdOf(userKey);
      const before = { _id, release: state.tail.release };
      this.#check(author, 'tail', before, { _id, release: next.tail.release }, 'tail');
    }
    this.states.set(userKey, next);
    return next;
  }

  /** Without a new revision. */
  noteState({ userKey }: UserRef, patch: Partial<SyncState>): void {
    this.states.set(userKey, { ...this.stateOf(userKey), ...patch });
  }

  stateOf(userKey: string): StoredState {
    const state = this.states.get(userKey);
    if (!state) throw new Error(`there is no user ${userKey}`);
    return state;
  }

  odooNow = (userKey: string): OdooTime => odooTime(this.now() + (this.states.get(userKey)?.skewMs ?? 0));

  /** The number that a job must carry to be heard. */
  currentRelease({ kind, userKey, life, turnId }: TurnRef): number | undefined {
    if (!this.lives({ userKey, life })) return undefined;
    switch (TURN_KINDS[kind].document) {
      case 'tail':
        return this.states.get(userKey)?.tail.release;
      case 'resync':
        return this.resyncs.get(turnId)?.release;
      case 'audit':
        return this.audits.get(turnId)?.release;
      case 'batch':
        return this.batches.get(turnId)?.release;
    }
  }

  /** Of how many windows each module of a user's consists by its tiling, and how many there are. */
  windowsOf(userKey: string): readonly { readonly tiled: Tiled; readonly batches: readonly Batch[] }[] {
    const { modules } = this.stateOf(userKey);
    return MODULE_NAMES.flatMap((name) => {
      const { tiling } = modules[name];
      const batches = [...this.batches.values()].filter(
        (batch) => batch.userKey === userKey && batch.module === name,
      );
      return tiling ? [{ tiled: { module: name, ...tiling }, batches }] : [];
    });
  }

  #check(author: Author, type: string, before: Numbered, after: Numbered, of: string): void {
    const event = of === 'tail' ? 'tail' : `${of} ${type}`;
    this.events.add(event);
    const what = `${event} of ${before._id} from ${before.release} to ${after.release}`;
    const { turn, stale } = author;
    if (OWN_EVENTS.has(type) && turn) {
      if (stale) this.violations.push(`${what}: by a job whose number was old`);
      if (turn.turnId === before._id && turn.release !== before.release)
        this.violations.push(`${what}: by the turn ${turn.release}`);
    }
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

interface Tiled {
  readonly module: ModuleName;
  readonly from: Date;
  readonly until: Date;
}
