import { beforeAll, describe, expect, test } from '@jest/globals';
import { exerciseFleet, newcomerDatabase } from './load/exerciseFleet.js';
import { fillUsers, makeSealDue } from './load/fillUsers.js';
import { QUIET, quieten } from './load/followedFleet.js';
import { makeTemplateUser } from './load/templateUser.js';
import { openTickWorld } from './load/tickWorld.js';
import { profileQueries, type QueryUse, scans } from './system/queryUse.js';
import { withServers } from './system/servers.js';
import { startSimulatorProcess } from './system/simulator.js';

/** More than any user has documents: what looks at each user, or at all that there is, is found out by the count. */
const USERS = 200;
const DAYS = 10;
const DATABASE = 'index_use';

/** Questions whose answer is about everybody, or needs no particular document, and what asks them. */
const OF_THE_WHOLE_FLEET = [
  // The figures of the fleet in metrics and totals, seldom.
  'aggregate odoosyncplans $project $facet',
  'aggregate odoosyncaudits $group $match {_id} $facet',
  // A look at some credentials, at a worker's start.
  'find odoosyncusers {} limit',
  // `odoo-sync ledger clear-old`: an older engine's batches are in no index of ours.
  'aggregate odoosyncbatches $match {!release} $group',
];

/** Counts the batches of the users on a page: as many as they have, however many others there are. */
const OF_A_PAGE = [
  'aggregate odoosyncbatches $match {userId,release} $group',
  'aggregate odoosyncbatches $match {userId,release} $group (more)',
];

/** Asked only when something happens. */
const OF_EVENTS = [
  // A mass edit.
  'find odoosyncbatches {_id,userKey,release,startTime} sort {_id} limit',
  // An Odoo out of reach, and in reach again.
  'updateMany odoosyncplans {source,_id}',
  'updateMany odoosyncplans {source,outage}',
  // A sweep of what has failed.
  'find odoosyncbatches {status,release} sort {_id} limit',
  // A removal.
  'remove odoosyncturns {userKey,life}',
];

describe('every question that the fleet asks of MongoDB', () => {
  let queries: readonly QueryUse[] = [];
  beforeAll(async () => {
    queries = await withServers(async (servers) => {
      const template = await makeTemplateUser(servers, 'caughtUp', DAYS);
      const { db, keyRing, credentialsKeys } = await openTickWorld(servers, DATABASE, makeSealDue);
      const keys = await fillUsers(db, template, USERS, USERS);
      const simulator = await startSimulatorProcess([{ name: QUIET }, newcomerDatabase]);
      servers.onClose(simulator.end);
      const ledger = { database: DATABASE, db, keyRing, credentialsKeys, keys, simulator };
      await quieten(ledger);
      const stop = await profileQueries(db);
      await exerciseFleet(servers, ledger, { users: USERS, active: 0 });
      return stop();
    });
  }, 300_000);

  const others = () => queries.filter(({ shape }) => !OF_THE_WHOLE_FLEET.includes(shape));
  const told = (some: readonly QueryUse[]) =>
    some.map(({ shape, plans, docs, gave }) => ({ shape, plans, docs, gave }));

  test('is seen here: of turns, ticks, pages and commands', () => {
    expect(queries.flatMap(({ by }) => by)).toEqual(
      expect.arrayContaining(['worker', 'scheduler', 'api', 'cli'].map((name) => `odoo-sync-${name}`)),
    );
    expect(queries.map(({ shape }) => shape)).toEqual(expect.arrayContaining(OF_EVENTS));
  });
  test('goes by an index', () => {
    expect(told(others().filter(scans))).toEqual([]);
  });
  test('examines no more documents where there are more users', () => {
    const counted = others().filter(({ shape }) => !OF_A_PAGE.includes(shape));
    expect(told(counted.filter(({ docs, gave }) => docs - gave >= USERS))).toEqual([]);
  });
});
