import type { z } from 'zod';

const FAULTS_SHOWN = 8;
const VALUE_SHOWN = 60;
const MESSAGE_SHOWN = 200;
/** zod's word on what came is its type alone. */
const RECEIVED = /, received \w+$/;

/**
 * What was expected and what came, for each fault, in a text of bounded length: whatever somebody put into a job goes into
 * its error, the log and Bull Board. Only values of the fields that a turn has are shown: another one may be a secret.
 */
export function describeFaults({ issues }: z.ZodError, data: unknown): string {
  const lines = issues.slice(0, FAULTS_SHOWN).map((issue) => {
    const message = cut(issue.message.replace(RECEIVED, ''), MESSAGE_SHOWN);
    if (issue.code === 'unrecognized_keys') return message;
    const came = issue.path.reduce<unknown>(
      (part, key) => (part as Record<PropertyKey, unknown>)?.[key],
      data,
    );
    return [...issue.path.map(String), `${message}, but it is ${show(came)}`].join(': ');
  });
  const more = issues.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function show(value: unknown): string {
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return cut(JSON.stringify(value), VALUE_SHOWN);
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);
