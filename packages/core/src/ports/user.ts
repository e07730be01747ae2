import type { ErrorRecord } from '../errors.js';
import type { UserId, UserRef } from '../ids.js';
import type { StoreTime } from '../time.js';
import type { RangeDays } from '../windows.js';
import type { Credentials, SourceAddress } from './source.js';

export type Standing = 'active' | 'needs_attention' | 'removing';

/** A user without its secret. */
export interface User extends UserRef {
  readonly userId: UserId;
  readonly address: SourceAddress;
  readonly login: string;
  readonly credentialKind: Credentials['kind'];
  /** Raised whenever the credentials change. */
  readonly credentialVersion: number;
  readonly connectedAt: StoreTime;
  /** How far back it is mirrored. */
  readonly rangeDays: RangeDays;
  /** In which its texts are read; null: `ODOO_LANG`, else the login's own. */
  readonly language: string | null;
  /** The least pause between two requests to its Odoo, in milliseconds; null: `API_CALL_DELAY_MS`. */
  readonly callDelayMs: number | null;
  readonly standing: Standing;
  readonly attention: ErrorRecord | null;
  /** When somebody said that another database may be mirrored in the place of the first one. */
  readonly databaseAcceptedAt: StoreTime | null;
}

/** Whose credentials, and for which Odoo. */
export type AddressedUser = Pick<User, 'userKey' | 'life' | 'address'>;

export interface NewUser {
  readonly userId: UserId;
  readonly address: SourceAddress;
  readonly credentials: Credentials;
  /** `INITIAL_SYNC_RANGE_DAYS` unless given. */
  readonly rangeDays?: RangeDays;
  readonly manners?: Manners;
}

/** How a user's Odoo is asked; what isn't given stays as it is. */
export interface Manners {
  readonly language?: string | null;
  readonly callDelayMs?: number | null;
}

/** Some users, in the order of their keys. */
export interface UserPage {
  /** The key that the page follows; the first page unless given. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface UserStore {
  /** @throws SyncError `invalid` for what can't be an id, `conflict` where a user has this key already. */
  addUser(user: NewUser): Promise<User>;
  /** For the address with which the user was read, which may not have changed since. */
  setCredentials(user: AddressedUser, credentials: Credentials): Promise<void>;
  /**
   * Texts that are mirrored already stay in the language in which they were read, until a resync.
   * @throws SyncError `conflict` when its life has ended.
   */
  setManners(user: UserRef, manners: Manners): Promise<User>;
  /**
   * The user is to be mirrored from further back: each module's next turn lays out what lies before its first window.
   * @throws SyncError `conflict` for a range that isn't wider than the user's, and when its life has ended.
   */
  widenUser(user: UserRef, rangeDays: RangeDays): Promise<User>;
  user(userKey: string): Promise<User | null>;
  users(page: UserPage): Promise<readonly User[]>;
  /**
   * Those of a user's address: they open for no other.
   * @throws SyncError `conflict` when that life has ended, `credentials` where they don't open.
   */
  credentials(user: AddressedUser): Promise<Credentials>;
  /**
   * Credentials were rejected twice: the user waits for an operator, one probe an hour. Nothing happens when they were
   * changed since `user` was read: the verdict was on the old ones.
   */
  needsAttention(
    user: Pick<User, 'userKey' | 'life' | 'credentialVersion'>,
    error: ErrorRecord,
    probeAt: StoreTime,
  ): Promise<void>;
  /** A probe or new credentials worked. */
  restoreUser(user: UserRef): Promise<void>;
  /**
   * The database that answers now is to be mirrored, whatever was mirrored before: the user is active again. What stands in the mirror
   * is overwritten from then on, and what is gone buried, as audits find it.
   * @throws SyncError `conflict` where the user doesn't wait for that, or its life has ended.
   */
  acceptDatabase(user: UserRef): Promise<void>;
  /** Marks a user for removal and raises its tokens; from then on nothing of it is written. */
  beginRemoval(user: UserRef): Promise<void>;
  /** One bounded step of the purge. Resumable: called until it says that nothing is left. */
  purgeStep(
    user: UserRef,
  ): Promise<{ readonly done: boolean; readonly purged: number; readonly what: string }>;
  usersBeingRemoved(): Promise<readonly UserRef[]>;
}
