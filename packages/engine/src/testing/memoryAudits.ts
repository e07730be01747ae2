import { type AuditLedger, type AuditMirror, FencedOutError, type IdComparison } from '@odoo-sync/core';
import { atStop, type Backend } from './memoryBackend.js';

/** Audits, on the ledger and the mirror in memory. */
export function memoryAuditsPort(backend: Backend): AuditLedger & AuditMirror {
  const { ledger, lanes, mirror, author } = backend;
  const at = atStop(backend);
  return {
    audit: (id) => at(() => ledger.audits.get(id) ?? null),
    auditEvent: (audit, event) => at(() => ledger.auditEvent(author, audit, event)),
    compareIds: (user, module, { after, upTo, goneMost }, dates) =>
      at((): IdComparison => {
        const alive = [...mirror.of(user, module)].filter(
          ([odooId, { deleted }]) => odooId > after && (upTo === null || odooId <= upTo) && !deleted,
        );
        const ids = new Set(alive.map(([odooId]) => odooId));
        const gone = [...ids].filter((odooId) => !dates.has(odooId)).sort((a, b) => a - b);
        return {
          mirrored: ids.size,
          missing: [...dates.keys()].filter((odooId) => !ids.has(odooId)),
          stale: alive
            .filter(([odooId, { writeDate }]) => {
              const date = dates.get(odooId);
              return date !== undefined && date !== writeDate.getTime();
            })
            .map(([odooId]) => odooId)
            .sort((a, b) => a - b),
          gone: gone.slice(0, goneMost),
          goneCount: gone.length,
        };
      }),
    companyLosses: () => at(() => []),
    bury: ({ user, lane, module }, odooIds) =>
      at(() => {
        if (!lanes.fenceHolds(lane)) throw new FencedOutError(`${lane.userKey}/${module}`, lane.token);
        return odooIds.filter((odooId) => mirror.bury(user, module, odooId)).length;
      }),
  };
}
