import { parsePayload, type TurnPayload } from '@odoo-sync/queue';

/** A job's turn; null for a job that somebody else put there. */
export function turnOf(data: unknown): TurnPayload | null {
  try {
    return parsePayload(data);
  } catch {
    return null;
  }
}

/** What a job is, at a glance: `backfill · acme · contacts 2026-11-22`. */
export function jobName({ name, data }: { readonly name: string; readonly data: unknown }): string {
  const turn = turnOf(data);
  if (!turn) return name;
  const window = turn.module && `${turn.module} ${turn.windowStart?.slice(0, 10) ?? ''}`.trim();
  return [turn.kind, turn.userKey, window].filter(Boolean).join(' · ');
}
