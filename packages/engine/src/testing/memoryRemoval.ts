import { MODULE_NAMES, type User } from '@odoo-sync/core';
import type { Backend } from './memoryBackend.js';

/** What ends a life in memory, step by step, as on the server each is a command or transaction: whatever lives by then. */
export const removalSteps = (
  { ledger, lanes, mirror }: Pick<Backend, 'ledger' | 'lanes' | 'mirror'>,
  user: User,
): readonly (() => void)[] => [
  () => ledger.markRemoved(user),
  () => lanes.seize(user, MODULE_NAMES),
  () => {
    if (ledger.users.get(user.userKey)?.life === user.life) mirror.drop(user);
  },
  () => ledger.dropState(user),
  () => ledger.dropTurns(user),
  () => ledger.dropSchemas(user),
  () => ledger.dropUser(user),
];
