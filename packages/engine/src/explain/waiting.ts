import type { Fate, PlanSnapshot, StoreTime, WaitingTurns } from '@odoo-sync/core';
import type { PlanExplanation, TurnReason } from '../dispatch/explainPlan.js';
import { heldNow } from '../dispatch/planView.js';
import type { FateReport, UserExplanation } from './userExplanation.js';
import { namesOf, reportFate, timeOf } from './words.js';

/** Why each kind of turns waits in each module, or that one of them goes. */
export const waitingOf = (
  snapshot: PlanSnapshot,
  explained: PlanExplanation,
  counted: readonly WaitingTurns[],
): UserExplanation['waiting'] =>
  counted.map((group) => ({ ...group, ...fateOf(snapshot, explained, group) }));

const waits = (reason: FateReport['reason'], why: string): FateReport => ({ fate: 'waits', reason, why });

function fateOf(snapshot: PlanSnapshot, explained: PlanExplanation, group: WaitingTurns): FateReport {
  const { now, user, plan } = snapshot;
  const said = (fate: Fate<TurnReason>) => reportFate(fate, now, namesOf(snapshot));
  if (user.standing === 'removing') return said({ type: 'waits', reason: { type: 'removing' } });
  if (user.standing === 'needs_attention')
    return waits('needsAttention', 'the user needs attention: nothing of it is read but for a probe');
  const { state, probeAt } = plan.modules[group.module];
  if (state === 'unavailable') return waits('unavailable', unavailableUntil(probeAt, now));
  const fates = snapshot.candidates
    .filter(({ kind, module }) => kind === group.kind && module === group.module)
    .flatMap(({ turnId }) => explained.candidates.get(turnId) ?? []);
  const fate = fates.find(({ type }) => type === 'released') ?? fates[0];
  if (fate) return said(fate);
  const holdUntil = heldNow(snapshot);
  if (holdUntil) return said({ type: 'waits', reason: { type: 'held', until: holdUntil } });
  if (group.due === 0 && group.nextDueAt)
    return said({ type: 'waits', reason: { type: 'notDue', until: group.nextDueAt } });
  return snapshot.candidates.some(({ kind }) => kind === group.kind)
    ? waits('laterInLine', 'older ones of other modules go before')
    : waits('justNow', 'it came up while this was read: ask again');
}

const unavailableUntil = (probeAt: StoreTime | null, now: StoreTime): string =>
  probeAt === null || probeAt <= now
    ? 'the module is unavailable, and is tried again by the next tail'
    : `the module is unavailable, and is tried again by the first tail after ${timeOf(probeAt, now)}`;
