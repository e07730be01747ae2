import {
  type Lane,
  type LanesGrant,
  type ModuleName,
  storeTime,
  type TurnHolder,
  type TurnRef,
  type UserRef,
} from '@odoo-sync/core';
import type { Actor, Actors } from './actors.js';

interface Lease {
  readonly token: number;
  readonly holder: TurnHolder | null;
  /** One for each taking: a turn whose job is delivered twice fills two places. */
  readonly taking: AbortController | null;
  readonly expiresAt: number;
}

interface Held extends Lane {
  readonly actor: Actor;
  readonly losing: AbortController;
  /** False while its process hangs: then the lease runs out, and the holder isn't told. */
  renewing: boolean;
}

const NOBODYS = { holder: null, taking: null };
const BUSY_MOST_MS = 1_000;
const laneOf = (userKey: string, module: string) => `${userKey}/${module}`;

/** Leases and fences of every user in memory, with the store's order: a lease is taken first, its fence raised after. */
export class MemoryLanes {
  readonly #leases = new Map<string, Lease>();
  readonly #fences = new Map<string, number>();
  readonly #held = new Set<Held>();
  /** Whose turns may take a user's lanes. */
  readonly #lives = new Map<string, string>();

  constructor(
    readonly actors: Actors,
    readonly now: () => number,
    readonly limits: { readonly leaseMs: number; readonly userConcurrency: number },
  ) {}

  async take(actor: Actor, turn: TurnRef, modules: readonly ModuleName[]): Promise<LanesGrant> {
    await this.actors.stop(actor);
    const { userKey, life } = turn;
    if (this.#lives.get(userKey) !== life) return { busyForMs: BUSY_MOST_MS };
    const free = modules.filter((module) => {
      const lease = this.#leases.get(laneOf(userKey, module));
      return !lease || lease.expiresAt <= this.now();
    });
    const places = new Set(this.#live(userKey).map(({ taking }) => taking));
    if (free.length === 0 || places.size >= this.limits.userConcurrency) return { busyForMs: BUSY_MOST_MS };
    const { kind, turnId, release } = turn;
    const holder = { kind, turnId, release };
    const expired = new Map<string, TurnHolder>();
    const lost = new AbortController();
    const lanes = free.map((module): Held => {
      const key = laneOf(userKey, module);
      const before = this.#leases.get(key);
      if (before?.holder) expired.set(`${before.holder.turnId}-${before.holder.release}`, before.holder);
      const token = (before?.token ?? 0) + 1;
      const expiresAt = this.now() + this.limits.leaseMs;
      this.#leases.set(key, { token, holder, taking: lost, expiresAt });
      const takenAt = new Date(this.now());
      return {
        userKey,
        life,
        module,
        token,
        takenAt: storeTime(takenAt),
        now: () => storeTime(new Date(this.now())),
        lost: lost.signal,
        actor,
        losing: lost,
        renewing: true,
      };
    });
    for (const lane of lanes) this.#held.add(lane);
    await this.actors.stop(actor);
    const raised = lanes.filter(({ module, token }) => {
      const key = laneOf(userKey, module);
      if ((this.#fences.get(key) ?? 0) >= token) return false;
      this.#fences.set(key, token);
      return true;
    });
    for (const lane of lanes) if (!raised.includes(lane)) this.#giveBack(lane);
    if (raised.length === 0) return { busyForMs: BUSY_MOST_MS };
    return {
      lanes: raised,
      expired: [...expired.values()],
      giveBack: async () => {
        await this.actors.stop(actor);
        for (const lane of raised) this.#giveBack(lane);
      },
    };
  }

  /** Free again, unless another has taken it meanwhile. */
  #giveBack(lane: Held): void {
    this.#held.delete(lane);
    const key = laneOf(lane.userKey, lane.module);
    const { token } = lane;
    if (this.#leases.get(key)?.token === token)
      this.#leases.set(key, { token, ...NOBODYS, expiresAt: this.now() });
  }

  /** All lanes of a life are taken for good. */
  seize({ userKey, life }: UserRef, modules: readonly ModuleName[]): void {
    if (this.#lives.get(userKey) !== life) return;
    for (const module of modules) {
      const key = laneOf(userKey, module);
      const token = (this.#leases.get(key)?.token ?? 0) + 1;
      this.#leases.set(key, { token, ...NOBODYS, expiresAt: Number.POSITIVE_INFINITY });
      this.#fences.set(key, token);
    }
  }

  /** A new life has them, all free; tokens go on. */
  open({ userKey, life }: UserRef): void {
    this.#lives.set(userKey, life);
    for (const [key, { token }] of this.#leases)
      if (key.startsWith(`${userKey}/`)) this.#leases.set(key, { token, ...NOBODYS, expiresAt: 0 });
  }

  /** Whether the holder of this lane may still write. */
  fenceHolds = ({ userKey, module, token }: Lane): boolean =>
    this.#fences.get(laneOf(userKey, module)) === token;

  /** The turns that hold a lease of this user's that has not expired. */
  liveHolders = (userKey: string): readonly TurnHolder[] =>
    this.#live(userKey).flatMap(({ holder }) => holder ?? []);

  #live(userKey: string): readonly Lease[] {
    return [...this.#leases].flatMap(([key, lease]) =>
      key.startsWith(`${userKey}/`) && lease.holder && lease.expiresAt > this.now() ? [lease] : [],
    );
  }

  /** The lease on a lane runs out now, whatever its holder does. */
  expire({ userKey, module }: Pick<Lane, 'userKey' | 'module'>): void {
    const key = laneOf(userKey, module);
    const lease = this.#leases.get(key);
    if (lease) this.#leases.set(key, { ...lease, expiresAt: this.now() });
  }

  /** As time goes by: who lives renews its leases, and who has lost one learns of it. */
  renew(): void {
    for (const lane of this.#held) {
      const key = laneOf(lane.userKey, lane.module);
      const lease = this.#leases.get(key);
      if (lane.actor.dead || !lane.renewing) continue;
      if (lease?.token !== lane.token) lane.losing.abort(new Error(`the lease on ${key} was taken over`));
      else this.#leases.set(key, { ...lease, expiresAt: this.now() + this.limits.leaseMs });
    }
  }

  /** The process of a holder hangs: its leases run out while it still believes in them. */
  hang(pick: number): void {
    const held = [...this.#held].filter(({ actor }) => !actor.dead);
    const lane = held[pick % Math.max(1, held.length)];
    for (const other of held) if (other.actor === lane?.actor) other.renewing = false;
  }
}
