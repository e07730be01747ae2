import { z } from 'zod';
import { type Incoming, jsonReply, type Reply } from '../http/reply.js';
import { toBytes } from '../pythonJson.js';
import type { OpenTransactions, Subject, Verb } from './verb.js';
import { VERBS } from './verbs.js';

/** Makes the handler of `/_sim/<verb>`: 200 with the verb's answer, 400 with `{ error }` when the call is wrong. */
export function makeControl(simulator: Subject): (incoming: Incoming) => Promise<Reply> {
  const open: OpenTransactions = new Map();
  return async ({ path, body }) => {
    const name = path.slice('/_sim/'.length);
    try {
      if (!Object.hasOwn(VERBS, name))
        throw new Error(`No verb "${name}"; there are: ${Object.keys(VERBS).join(', ')}`);
      const verb = VERBS[name as keyof typeof VERBS] as Verb;
      const input = verb.input.parse(body === '' ? {} : JSON.parse(body));
      return jsonReply(toBytes(JSON.stringify(verb.run(simulator, input, open) ?? {})));
    } catch (error) {
      const message =
        error instanceof z.ZodError
          ? z.prettifyError(error)
          : error instanceof Error
            ? error.message
            : String(error);
      return jsonReply(toBytes(JSON.stringify({ error: message })), 400);
    }
  };
}
