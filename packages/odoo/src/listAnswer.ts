import type { Answer } from './transport.js';

/** JSON-RPC as Odoo writes it: its own keys, in its own order. */
const ENVELOPE = /^\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*\d{1,15}\s*,\s*"result"\s*:\s*\[/;
const ENVELOPE_MOST = 100;
const LIST = 0x5b;

/** A list that an answer seems to be, or to hold, by its first bytes. */
export interface ListAnswer {
  /** Where its first bracket stands. */
  readonly start: number;
  /** Whether an envelope is around it, that a brace ends. */
  readonly enveloped: boolean;
}

/** @returns null where the answer has to be parsed before anything can be told of it. */
export function listAnswer(body: Uint8Array): ListAnswer | null {
  if (body[0] === LIST) return { start: 0, enveloped: false };
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, ENVELOPE_MOST)).toString(
    'latin1',
  );
  const [envelope] = ENVELOPE.exec(head) ?? [];
  return envelope === undefined ? null : { start: envelope.length - 1, enveloped: true };
}

/** An answer that is parsed only where somebody asks for its value: rows are read from its bytes. */
export function answerOfList({ date, body, ms }: Omit<Answer, 'value'>, parse: () => unknown): Answer {
  let value: unknown;
  return {
    get value() {
      value ??= parse();
      return value;
    },
    date,
    body,
    ms,
  };
}
