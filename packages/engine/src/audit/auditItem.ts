import {
  type Audit,
  isOfLife,
  later,
  type TurnHolder,
  type TurnOutcome,
  type UserRef,
  unreachable,
} from '@odoo-sync/core';
import { UNAVAILABLE_PROBE_MS } from '../turn/faults.js';
import { doneBefore, failedBefore, type LaneWork, type Ledger } from '../turn/laneWork.js';

/** A slice of an audit, as the work of a turn. */
export interface AuditItem extends LaneWork<AuditItem> {
  readonly audit: Audit;
}

/** The audit of a release, as the ledger has it now; null when that release isn't the current one, or isn't of this user's life. */
export async function loadAuditItem(
  ledger: Ledger,
  user: UserRef,
  { turnId, release }: Pick<TurnHolder, 'turnId' | 'release'>,
): Promise<AuditItem | null> {
  const audit = await ledger.store.audit(turnId);
  return audit && isOfLife(audit, user) && audit.release === release ? auditItem(ledger, audit) : null;
}

function auditItem(ledger: Ledger, audit: Audit): AuditItem {
  const { store, settings } = ledger;
  const wrap = (next: Audit | null) => next && auditItem(ledger, next);
  const healAt = async () => later(await store.now(), settings.healMs);
  const item: AuditItem = {
    audit,
    of: 'audit',
    turnId: audit._id,
    module: audit.module,
    attempts: audit.attempts,
    expiries: audit.expiries,
    about: audit.run ? { phase: audit.run.phase, after: audit.run.afterId } : {},
    settled: settled(audit),
    async expire() {
      if (audit.status !== 'running') return item;
      return wrap(
        await store.auditEvent(audit, { type: 'expire', at: await store.now(), healAt: await healAt() }),
      );
    },
    start: async () => wrap(await store.auditEvent(audit, { type: 'start' })),
    async handBack(until, error) {
      await store.auditEvent(audit, { type: 'handBack', until, ...(error ? { error } : {}) });
    },
    async withdraw(error, unavailable) {
      const until = later(await store.now(), unavailable ? UNAVAILABLE_PROBE_MS : 0);
      await store.auditEvent(audit, { type: 'withdraw', error, until });
    },
    async fail(error, retryAt, final) {
      const next = await store.auditEvent(audit, {
        type: 'fail',
        error,
        retryAt,
        healAt: await healAt(),
        final,
      });
      if (!next) return null;
      return next.status === 'queued' ? 'again' : 'over';
    },
  };
  return item;
}

function settled({ status, lastError }: Audit): TurnOutcome | null {
  switch (status) {
    case 'queued':
    case 'running':
      return null;
    case 'failed':
      return failedBefore(lastError);
    case 'idle':
    case 'stopped':
      return doneBefore(status);
    default:
      return unreachable(status);
  }
}
