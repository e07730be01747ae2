import { inTime } from '@odoo-sync/core';
import type { Logger } from 'pino';

const LIMIT_MS = 2_000;

/** What a process needs beside itself. */
export interface Part {
  /** As metrics and answers name it: `mongodb`. */
  readonly name: 'mongodb' | 'redis';
  /** As people are told, with its address where it has one: `Redis at 127.0.0.1:6379`. */
  readonly title: string;
  /** @throws when it doesn't answer. */
  readonly ping: () => Promise<void>;
}

export interface PartState extends Part {
  readonly answers: boolean;
}

/** The two servers that every process of the fleet needs. */
export const partsOf = ({
  store,
  connection,
}: {
  readonly store: { ping(): Promise<void> };
  readonly connection: { readonly name: string; ping(): Promise<void> };
}): readonly Part[] => [
  { name: 'mongodb', title: 'MongoDB', ping: () => store.ping() },
  { name: 'redis', title: `Redis at ${connection.name}`, ping: () => connection.ping() },
];

/** Asks every part at once; one that takes two seconds doesn't answer. */
export function askParts(
  parts: readonly Part[],
  log: Pick<Logger, 'debug'>,
  limitMs = LIMIT_MS,
): Promise<readonly PartState[]> {
  return Promise.all(
    parts.map(async (part) => {
      try {
        await inTime(limitMs, part.title, part.ping());
        return { ...part, answers: true };
      } catch (error) {
        log.debug({ err: error }, `${part.title} does not answer`);
        return { ...part, answers: false };
      }
    }),
  );
}

type PartWords = Readonly<Record<Part['name'], 'ok' | 'unreachable'>>;

/** What a probe says of each part. */
export const wordsOf = (states: readonly PartState[]): PartWords =>
  Object.fromEntries(states.map(({ name, answers }) => [name, answers ? 'ok' : 'unreachable'])) as PartWords;

/** What to do about parts that don't answer; null when all of them do. */
export function silenceOf(states: readonly PartState[]): string | null {
  const silent = states.flatMap(({ answers, title }) => (answers ? [] : [title]));
  return silent.length === 0
    ? null
    : `no answer from ${silent.join(' and ')}: check that it runs and can be reached`;
}
