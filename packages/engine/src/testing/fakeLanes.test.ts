import type { ModuleName, TurnRef, UserRef } from '@odoo-sync/core';
import type { Actor, Actors } from './actors.test.js';

export interface Lease {
  readonly token: number;
  readonly holder: TurnRef | null;
  readonly expiresAt: number;
}

/** A lane as its holder has it. */
export interface HeldLane extends UserRef {
  readonly module: ModuleName;
  readonly token: number;
  readonly actor: Actor;
  /** False while its process hangs: then the lease runs out, and the holder doesn't know. */
  renewing: boolean;
}

export type Grant =
  | { readonly lanes: readonly HeldLane[]; readonly expired: readonly TurnRef[] }
  | { readonly busyForMs: number };

const BUSY_MOST_MS = 1_000;
const laneOf = (userKey: string, module: string) => `${userKey}/${module}`;

/** Leases and fences of every user, with the rules of the store's: a lease is taken first, its fence raised after. */
export class FakeLanes {
  readonly leases = new Map<string, Lease>();
  readonly fences = new Map<string, number>();
  readonly held = new Set<HeldLane>();
  /** Whose turns may take a user's lanes. */
  readonly lives = new Map<string, string>();

  constructor(
    readonly actors: Actors,
    readonly now: () => number,
    readonly limits: { readonly leaseMs: number; readonly userConcurrency: number },
  ) {}

  async take(actor: Actor, turn: TurnRef, modules: readonly ModuleName[]): Promise<Grant> {
    await this.actors.stop(actor);
    const { userKey, life } = turn;
    if (this.lives.get(userKey) !== life) return { busyForMs: BUSY_MOST_MS };
    const free = modules.filter((module) => {
      const lease = this.leases.get(laneOf(userKey, module));
      return !lease || lease.expiresAt <= this.now();
    });
    const places = new Set(this.live(userKey).map(({ holder }) => holder?.turnId));
    if (free.length === 0 || places.size >= this.limits.userConcurrency) return { busyForMs: BUSY_MOST_MS };
    const expired: TurnRef[] = [];
    const lanes = free.map((module): HeldLane => {
      const key = laneOf(userKey, module);
      const before = this.leases.get(key);
      if (before?.holder) expired.push(before.holder);
      const token = (before?.token ?? 0) + 1;
      this.leases.set(key, { token, holder: turn, expiresAt: this.now() + this.limits.leaseMs });
      return { userKey, life, module, token, actor, renewing: true };
    });
    for (const lane of lanes) this.held.add(lane);
    await this.actors.stop(actor);
    for (const { module, token } of lanes) {
      const key = laneOf(userKey, module);
      if ((this.fences.get(key) ?? 0) < token) this.fences.set(key, token);
    }
    return { lanes, expired };
  }

  async release(actor: Actor, lanes: readonly HeldLane[]): Promise<void> {
    await this.actors.stop(actor);
    for (const lane of lanes) {
      this.held.delete(lane);
      const key = laneOf(lane.userKey, lane.module);
      const { token } = lane;
      if (this.leases.get(key)?.token === token)
        this.leases.set(key, { token, holder: null, expiresAt: this.now() });
    }
  }

  /** All lanes of a life are taken for good. */
  seize({ userKey, life }: UserRef, modules: readonly ModuleName[]): void {
    if (this.lives.get(userKey) !== life) return;
    for (const module of modules) {
      const key = laneOf(userKey, module);
      const token = (this.leases.get(key)?.token ?? 0) + 1;
      this.leases.set(key, { token, holder: null, expiresAt: Number.POSITIVE_INFINITY });
      this.fences.set(key, token);
    }
  }

  /** A new life has them, all free; tokens go on. */
  open({ userKey, life }: UserRef): void {
    this.lives.set(userKey, life);
    for (const [key, { token }] of this.leases)
      if (key.startsWith(`${userKey}/`)) this.leases.set(key, { token, holder: null, expiresAt: 0 });
  }

  /** Whether the holder of this lane may still commit. */
  fenceHolds = (lane: HeldLane): boolean => this.fences.get(laneOf(lane.userKey, lane.module)) === lane.token;

  /** Whether the holder has noticed that the lane is no longer its own. */
  lost(lane: HeldLane): boolean {
    const lease = this.leases.get(laneOf(lane.userKey, lane.module));
    return lease?.token !== lane.token || lease.expiresAt <= this.now();
  }

  live(userKey: string): readonly Lease[] {
    return [...this.leases]
      .filter(([key, lease]) => key.startsWith(`${userKey}/`) && lease.expiresAt > this.now())
      .map(([, lease]) => lease);
  }

  renew(): void {
    for (const lane of this.held) {
      const key = laneOf(lane.userKey, lane.module);
      const lease = this.leases.get(key);
      if (lane.actor.dead || !lane.renewing || lease?.token !== lane.token) continue;
      this.leases.set(key, { ...lease, expiresAt: this.now() + this.limits.leaseMs });
    }
  }
}
