import type { z } from 'zod';
import { CLOCK_VERBS } from './clockVerbs.js';
import { DATA_VERBS } from './dataVerbs.js';
import { PROCESS_VERBS } from './processVerbs.js';
import { TRANSACTION_VERBS } from './transactionVerbs.js';

/** Every verb of the control API: `POST /_sim/<verb>` with a JSON body. */
export const VERBS = { ...CLOCK_VERBS, ...DATA_VERBS, ...TRANSACTION_VERBS, ...PROCESS_VERBS };

export type VerbName = keyof typeof VERBS;
export type VerbInput<V extends VerbName> = z.input<(typeof VERBS)[V]['input']>;
export type VerbOutput<V extends VerbName> = ReturnType<(typeof VERBS)[V]['run']>;
