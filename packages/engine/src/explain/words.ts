import type { Fate, ModuleName, PlanSnapshot, StoreTime, TurnKind } from '@odoo-sync/core';
import type { TurnReason } from '../dispatch/explainPlan.js';
import type { FateReport } from './userExplanation.js';

const STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** A length of time for people: `90 s`, `3 h`. */
export function spanOf(ms: number): string {
  const off = Math.abs(ms);
  const [unit, name] = STEPS.find(([step]) => off >= 2 * step) ?? [1_000, 's'];
  return `${Math.round(off / unit)} ${name}`;
}

/** A time and how far off it is: `2026-03-29T10:00:00.000Z (in 12 s)`. */
export const timeOf = (at: StoreTime, now: StoreTime): string => {
  const ms = at.getTime() - now.getTime();
  return `${at.toISOString()} (${ms >= 0 ? `in ${spanOf(ms)}` : `${spanOf(ms)} ago`})`;
};

/** A turn by what it is: `the tail`, `the backfill of contacts 2026-03-28`. */
export function nameOf(turn: {
  readonly kind: TurnKind;
  readonly module: ModuleName | null;
  readonly startTime: Date | null;
}): string {
  const { kind, module, startTime } = turn;
  if (kind === 'tail') return 'the tail';
  const where = [module, startTime?.toISOString().slice(0, 10)].filter((part) => part !== undefined);
  return `the ${kind} of ${where.join(' ')}`;
}

/** Why a turn waits, as the end of a sentence that begins with the turn. @param laneOf names a turn by its id. */
export function whyOf(reason: TurnReason, now: StoreTime, nameOfId: (turnId: string) => string): string {
  switch (reason.type) {
    case 'noPlace':
      return 'no place is free';
    case 'laneTaken':
      return `its lane is taken by ${reason.by === null ? 'the tail, which found it taken last time' : nameOfId(reason.by)}`;
    case 'notDue':
      return `it is not due before ${timeOf(reason.until, now)}`;
    case 'othersFirst':
      return 'a tail went last, and what else waits goes first';
    case 'held':
      return `the user is held until ${timeOf(reason.until, now)}`;
    case 'removing':
      return 'the user is being removed';
  }
}

/** A fate with its reason in words. */
export const reportFate = (
  fate: Fate<TurnReason>,
  now: StoreTime,
  nameOfId: (turnId: string) => string,
): FateReport =>
  fate.type === 'waits'
    ? { fate: 'waits', reason: fate.reason.type, why: whyOf(fate.reason, now, nameOfId) }
    : { fate: fate.type, reason: null, why: null };

/** `a`, `a and b`, `a, b and c`. */
export function listOf(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** Names a user's turns by their ids; one that isn't in the snapshot has its id for a name. */
export function namesOf({ inFlight, candidates }: PlanSnapshot): (turnId: string) => string {
  const names = new Map([...candidates, ...inFlight].map((turn) => [turn.turnId, nameOf(turn)]));
  return (turnId) => names.get(turnId) ?? turnId;
}

export const capital = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;

/** A sentence with its end. */
export const ended = (sentence: string): string => (/[.?!…]$/.test(sentence) ? sentence : `${sentence}.`);
