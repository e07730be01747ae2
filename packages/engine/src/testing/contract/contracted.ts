import type {
  EngineSettings,
  Lane,
  ModuleName,
  Resync,
  SourceAddress,
  TurnStore,
  User,
  UserRef,
} from '@odoo-sync/core';

/** A store under the contract, and what its tests do to it that turns never do. */
export interface Contracted {
  readonly store: TurnStore;
  readonly settings: EngineSettings;
  /** @param address of its own unless given. */
  addUser(userKey: string, address?: SourceAddress): Promise<User>;
  /** Removes a user: nothing of this life is left but the tokens of its lanes. */
  endLife(user: UserRef): Promise<void>;
  /** Another secret, which works: as an operator gives it. */
  setCredentials(user: User): Promise<void>;
  /** Asks for whole windows to be read again. */
  requestResync(user: UserRef, range: ResyncRange): Promise<Resync>;
  /** The lease on a lane runs out while its holder lives, as when its process stood still. */
  expire(lane: Pick<Lane, 'userKey' | 'module'>): Promise<void>;
  /** So many milliseconds go by on the store's clock, or some more. Not many: a store on a server has to wait for them. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface ResyncRange {
  readonly modules: readonly ModuleName[];
  readonly from: Date;
  readonly to: Date;
}

export type OpenContracted = (settings: EngineSettings) => Promise<Contracted>;

/** A store with nobody in it but one user. */
export interface Stage extends Contracted {
  readonly user: User;
}

/** Opens one for a test, which closes it. */
export type Begin = (settings?: Partial<EngineSettings>) => Promise<Stage>;
