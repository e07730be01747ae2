import { storeTime, type TurnStore } from '@odoo-sync/core';
import { memoryAuditsPort } from './memoryAudits.js';
import { atStop, type Backend } from './memoryBackend.js';
import { memoryCommitsPort } from './memoryCommits.js';
import { memoryDispatchPort } from './memoryDispatch.js';
import { memoryNotesPort } from './memoryNotes.js';
import { memoryTailPort } from './memoryTails.js';
import { memoryWindowsPort } from './memoryWindows.js';

/**
 * The store in memory, as one actor sees it: each of its questions and changes is a stop. What the store on MongoDB does in
 * one command or transaction happens at one stop here; what takes it several takes several.
 */
export function memoryStore(backend: Backend, inParts = false): TurnStore {
  const at = atStop(backend);
  const { ledger } = backend;
  return {
    now: () => at(() => storeTime(ledger.now())),
    user: (userKey) => at(() => ledger.users.get(userKey) ?? null),
    ...memoryDispatchPort(backend),
    ...memoryWindowsPort(backend),
    ...memoryTailPort(backend),
    ...memoryAuditsPort(backend),
    ...memoryNotesPort(backend),
    ...memoryCommitsPort(backend, inParts),
    takeLanes: (turn, modules) => backend.lanes.take(backend.actor, turn, modules),
    async takeLane(turn, module) {
      const grant = await backend.lanes.take(backend.actor, turn, [module]);
      if ('busyForMs' in grant) return grant;
      const [lane] = grant.lanes;
      if (!lane) throw new Error('a grant names no lane');
      const { giveBack } = grant;
      return {
        lane: { ...lane, giveBack: (summary) => giveBack(new Map([[module, summary]])) },
        expired: grant.expired[0] ?? null,
      };
    },
  };
}
