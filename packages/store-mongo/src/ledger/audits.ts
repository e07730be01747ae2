import {
  type Audit,
  auditIdOf,
  auditPlace,
  type EngineSettings,
  later,
  MODULE_NAMES,
  type ModuleName,
  newAudit,
  type StoreTime,
  SyncError,
  type UserRef,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import { serverNow } from '../clock.js';
import { type AuditDocument, ofLife, type UserDocument } from '../collections.js';
import type { StoreContext } from '../context.js';
import { ledgerTransaction } from '../session.js';
import { noUser } from '../users/users.js';
import { DUE } from './dueUsers.js';
import { auditEvent } from './events.js';

/** An audit by its id; null when there is none. */
export const findAudit = ({ audits }: StoreContext, id: string): Promise<Audit | null> =>
  audits.findOne({ _id: id });

/** A user's audits, in the order of the modules. */
export async function auditsOf(
  { audits }: StoreContext,
  { userKey, life }: UserRef,
): Promise<readonly Audit[]> {
  const found = await audits.find({ userKey, life }).toArray();
  return MODULE_NAMES.flatMap((module) => found.filter((audit) => audit.module === module));
}

/** The audits of a user whose life begins. The first ones are due within the interval, each at its place. */
export const newAudits = (
  { auditIntervalMs }: EngineSettings,
  { _id: userKey, life, userId, releaseBase }: Pick<UserDocument, '_id' | 'life' | 'userId' | 'releaseBase'>,
  now: StoreTime,
): readonly AuditDocument[] =>
  MODULE_NAMES.map((module) => {
    const dueAt = later(now, Math.round(auditPlace(userKey, module) * auditIntervalMs));
    return { ...newAudit({ userKey, life }, module, releaseBase, dueAt), userId };
  });

/** Has modules audited as soon as their turn comes; a run that is on goes on. */
export const requestAudit = (
  context: StoreContext,
  user: UserRef,
  modules: readonly ModuleName[],
  deep = false,
): Promise<readonly Audit[]> =>
  onAudits(context, user, modules, (audit, at, session) =>
    auditEvent(context, audit, { type: 'ask', at, deep }, session),
  );

/** What stopped audits found gone may go. */
export async function acceptAudit(
  context: StoreContext,
  user: UserRef,
  modules: readonly ModuleName[],
): Promise<readonly ModuleName[]> {
  const accepted = await onAudits(context, user, modules, (audit, at, session) =>
    auditEvent(context, audit, { type: 'accept', at }, session),
  );
  if (accepted.length === 0)
    throw new SyncError(
      'conflict',
      `no audit of ${modules.join(', ')} of the user ${user.userKey} has stopped: there is nothing to accept`,
    );
  return accepted.map(({ module }) => module);
}

/** The write on the plan also keeps a late request out of the user's next life. */
async function onAudits(
  context: StoreContext,
  user: UserRef,
  modules: readonly ModuleName[],
  act: (audit: Audit, at: StoreTime, session: ClientSession) => Promise<Audit | null>,
): Promise<readonly Audit[]> {
  const { userKey, life } = user;
  const at = await serverNow(context);
  return ledgerTransaction(context, async (session) => {
    const living = await context.users.findOne(
      { ...ofLife(user), standing: { $ne: 'removing' } },
      { session, projection: { _id: 1 } },
    );
    const plan = living && (await context.plans.updateOne(ofLife(user), DUE, { session }));
    if (plan?.matchedCount !== 1) throw noUser(userKey);
    const changed: Audit[] = [];
    for (const module of modules) {
      const audit = await context.audits.findOne({ _id: auditIdOf(userKey, module), life }, { session });
      const next = audit && (await act(audit, at, session));
      if (next) changed.push(next);
    }
    return changed;
  });
}
