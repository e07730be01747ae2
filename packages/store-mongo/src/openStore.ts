import type { EngineSettings, Log, ModuleName, Store, User } from '@odoo-sync/core';
import { serverNow } from './clock.js';
import { collectionsOf } from './collections.js';
import { connect } from './connect.js';
import type { StoreContext } from './context.js';
import { ensureIndexes } from './indexes.js';
import { takeLane, takeLanes } from './lanes/takeLanes.js';
import { acceptAudit, auditsOf, findAudit, requestAudit } from './ledger/audits.js';
import { dueUsers, makeUserDue, setAside } from './ledger/dueUsers.js';
import { auditEvent, batchEvent, resyncEvent } from './ledger/events.js';
import { failedTurns, findBatch, findResync } from './ledger/lookups.js';
import { makeWindowsDue } from './ledger/makeWindowsDue.js';
import { moveSchemas } from './ledger/moveSchemas.js';
import { noteClock } from './ledger/noteClock.js';
import { noteModule, noteSource, noteSyncState } from './ledger/notes.js';
import { clearOldBatches, countOldBatches } from './ledger/oldBatches.js';
import { noteAnswer, noteFault } from './ledger/outages.js';
import { reissue } from './ledger/reissue.js';
import { release } from './ledger/release.js';
import { requestResync, requestRetry } from './ledger/requests.js';
import { createSchemaCache } from './ledger/schemaCache.js';
import { findSchema, noteSchema } from './ledger/schemas.js';
import { snapshot, snapshots } from './ledger/snapshot.js';
import { findSyncState } from './ledger/syncState.js';
import { tailEnd, tailHandBack, tailReissue, tailStart, tailView } from './ledger/tailTurns.js';
import { createWindows, extendTiling } from './ledger/tiling.js';
import { wakeUser } from './ledger/wakeUser.js';
import { windowView } from './ledger/windowView.js';
import { bury } from './mirror/bury.js';
import { commitBatch, commitResync, commitTail } from './mirror/commits.js';
import { companyLosses, compareIds } from './mirror/compareIds.js';
import { differing } from './mirror/differing.js';
import { writeEarly } from './mirror/earlyWrite.js';
import { type MirrorChange, readRecords, watchMirror } from './mirror/readRecords.js';
import { createTransactionSize } from './mirror/transactionSize.js';
import { countRecords, windowsLeft } from './status/counts.js';
import { fleetFigures } from './status/fleetFigures.js';
import { leases } from './status/leases.js';
import { pastTurns } from './status/pastTurns.js';
import { report, reports } from './status/report.js';
import { waitingTurns } from './status/waitingTurns.js';
import { addUser } from './users/addUser.js';
import { acceptDatabase, needsAttention, restoreUser } from './users/attention.js';
import { beginRemoval } from './users/beginRemoval.js';
import { checkKeyRing } from './users/checkKeyRing.js';
import { readCredentials, setCredentials } from './users/credentials.js';
import { giveAudits } from './users/giveAudits.js';
import { giveLives } from './users/giveLives.js';
import { setManners } from './users/manners.js';
import { purgeStep, usersBeingRemoved } from './users/purge.js';
import { type Resealed, reseal } from './users/reseal.js';
import { type OldSeals, type Sealer, withoutKeyRing } from './users/sealer.js';
import { findUser, pageOfUsers } from './users/users.js';
import { widenUser } from './users/widenUser.js';

export interface StoreOptions {
  /** `MONGODB_URL`; its path names the database. */
  readonly url: string;
  /** Overrides the URL's database. */
  readonly database?: string;
  readonly settings: EngineSettings;
  /** The key ring, where credentials are read or set. */
  readonly sealer?: Sealer;
  /** `OLD_SEALS`; `accept` unless given. */
  readonly oldSeals?: OldSeals;
  readonly log: Log;
  /** How long a server may take to answer at start, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /** Shown in the server's list of connections. */
  readonly appName?: string;
}

/** The store port on MongoDB, and what only the commands of an operator need. */
export interface MongoStore extends Store {
  countOldBatches(): Promise<number>;
  clearOldBatches(): Promise<number>;
  /** @throws SyncError `configuration` when the key ring opens nothing of what is stored. */
  checkKeyRing(): Promise<void>;
  /** Seals credentials anew that the first key doesn't seal, or that aren't sealed for their address, until the signal ends it. */
  reseal(signal: AbortSignal): AsyncGenerator<Resealed>;
  /** Documents of a user by Odoo's ids, tombstones left out. */
  readRecords(
    user: User,
    module: ModuleName,
    odooIds: readonly number[],
  ): Promise<ReadonlyMap<number, Readonly<Record<string, unknown>>>>;
  /** Changes of the mirror as they are committed, until the signal ends it. */
  watchMirror(modules: readonly ModuleName[], signal: AbortSignal): AsyncGenerator<MirrorChange>;
  /** Empties the whole database: for the demo, which has one of its own. */
  dropDatabase(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects, makes the indexes, and binds every data operation to the connection.
 * @throws SyncError `configuration` for a server or data that the engine can't work on, saying what to do.
 */
export async function openStore(options: StoreOptions): Promise<MongoStore> {
  const { client, database, server } = await connect(options.url, {
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    appName: options.appName ?? 'odoo-sync',
  });
  const db = client.db(options.database ?? database);
  const collections = collectionsOf(db);
  const context: StoreContext = {
    ...collections,
    client,
    db,
    settings: options.settings,
    sealer: options.sealer ?? withoutKeyRing,
    oldSeals: options.oldSeals ?? 'accept',
    log: options.log,
    transactionSize: createTransactionSize(collections.servers, server),
    schemaCache: createSchemaCache(),
  };
  try {
    await ensureIndexes(context);
    await giveLives(context);
    await moveSchemas(context);
    await giveAudits(context);
  } catch (error) {
    await client.close();
    throw error;
  }
  return bind(context);
}

/**
 * A method of the port is a function of that name; where the name is that of a thing, as `user` or `batch`, the function's has
 * a verb before it.
 */
function bind(context: StoreContext): MongoStore {
  const bound =
    <A extends unknown[], R>(operation: (context: StoreContext, ...args: A) => R) =>
    (...args: A): R =>
      operation(context, ...args);
  return {
    snapshot: bound(snapshot),
    snapshots: bound(snapshots),
    createWindows: bound(createWindows),
    extendTiling: bound(extendTiling),
    release: bound(release),
    dueUsers: bound(dueUsers),
    setAside: bound(setAside),
    makeUserDue: bound(makeUserDue),
    syncState: bound(findSyncState),
    windowView: bound(windowView),
    batch: bound(findBatch),
    batchEvent: bound(batchEvent),
    resync: bound(findResync),
    resyncEvent: bound(resyncEvent),
    audit: bound(findAudit),
    auditEvent: bound(auditEvent),
    audits: bound(auditsOf),
    requestAudit: bound(requestAudit),
    acceptAudit: bound(acceptAudit),
    reissue: bound(reissue),
    failedTurns: bound(failedTurns),
    tailView: bound(tailView),
    tailStart: bound(tailStart),
    tailEnd: bound(tailEnd),
    tailReissue: bound(tailReissue),
    tailHandBack: bound(tailHandBack),
    makeWindowsDue: bound(makeWindowsDue),
    noteModule: bound(noteModule),
    schema: bound(findSchema),
    noteSchema: bound(noteSchema),
    noteSyncState: bound(noteSyncState),
    noteSource: bound(noteSource),
    noteFault: bound(noteFault),
    noteAnswer: bound(noteAnswer),
    noteClock: bound(noteClock),
    takeLane: bound(takeLane),
    takeLanes: bound(takeLanes),
    writeEarly: bound(writeEarly),
    commitBatch: bound(commitBatch),
    commitResync: bound(commitResync),
    commitTail: bound(commitTail),
    differing: bound(differing),
    compareIds: bound(compareIds),
    companyLosses: bound(companyLosses),
    bury: bound(bury),
    addUser: bound(addUser),
    setCredentials: bound(setCredentials),
    setManners: bound(setManners),
    widenUser: bound(widenUser),
    user: bound(findUser),
    users: bound(pageOfUsers),
    credentials: bound(readCredentials),
    needsAttention: bound(needsAttention),
    restoreUser: bound(restoreUser),
    acceptDatabase: bound(acceptDatabase),
    beginRemoval: bound(beginRemoval),
    purgeStep: bound(purgeStep),
    usersBeingRemoved: bound(usersBeingRemoved),
    report: bound(report),
    reports: bound(reports),
    fleetFigures: bound(fleetFigures),
    countRecords: bound(countRecords),
    windowsLeft: bound(windowsLeft),
    leases: bound(leases),
    pastTurns: bound(pastTurns),
    waitingTurns: bound(waitingTurns),
    wakeUser: bound(wakeUser),
    requestResync: bound(requestResync),
    requestRetry: bound(requestRetry),
    countOldBatches: bound(countOldBatches),
    clearOldBatches: bound(clearOldBatches),
    checkKeyRing: bound(checkKeyRing),
    reseal: bound(reseal),
    readRecords: bound(readRecords),
    watchMirror: bound(watchMirror),
    async dropDatabase() {
      await context.db.dropDatabase();
      await ensureIndexes(context);
    },
    now: bound(serverNow),
    async ping() {
      await context.db.command({ ping: 1 });
    },
    close: () => context.client.close(),
  };
}
