import { MODULE_NAMES } from '@odoo-sync/core';
import type { ModuleView, UserView } from '../views.js';
import { type Html, html } from './html.js';
import { grouped, lengthOf } from './words.js';

type Mood = 'good' | 'busy' | 'bad';

/** One user's row: who it is and how it stands, and a cell for each module. */
export const userRow = (user: UserView): Html => {
  const [mood, words] = standingOf(user);
  const cells = MODULE_NAMES.map((name) => user.modules.find(({ module }) => module === name));
  return html`<tr>
<th scope="row"><a class="name" href="/users/${encodeURIComponent(user.userKey)}">${user.userId}</a>
${badge(mood, words)}${resyncsOf(user)}${clockOf(user)}${troubleOf(user)}</th>
${cells.map((module) => (module ? moduleCell(module) : html`<td></td>`))}
</tr>`;
};

const badge = (mood: Mood, words: string): Html => html`<span class="badge ${mood}">${words}</span>`;

const clockOf = ({ clock }: UserView): Html | null => clock && html`<p class="error">${clock.message}</p>`;

function troubleOf({ attention, tailError }: UserView): Html | null {
  const trouble = attention ?? tailError;
  return trouble && html`<p class="error">${trouble.message}</p>`;
}

/** How a user stands, the worst first. */
export function standingOf(user: UserView): readonly [Mood, string] {
  const { standing, modules, caughtUp, outage, tailError, timeLeftMs } = user;
  if (standing === 'removing') return ['busy', 'being removed'];
  if (standing === 'needs_attention') return ['bad', 'needs attention'];
  if (outage) return ['bad', 'out of reach'];
  if (modules.some(({ state }) => state === 'failing')) return ['bad', 'failing'];
  if (tailError) return ['bad', 'not followed'];
  if (caughtUp) return ['good', 'caught up'];
  return ['busy', timeLeftMs ? `syncing, ${lengthOf(timeLeftMs)} left` : 'syncing'];
}

function resyncsOf({ resyncs }: UserView): Html[] {
  return resyncs
    .filter(({ status }) => status !== 'succeeded')
    .map(({ status, windows }) =>
      badge(status === 'failed' ? 'bad' : 'busy', `resync ${windows.done}/${windows.total}`),
    );
}

function moduleCell({ state, windows, records, surveyed, unreadable, lagMs, reason }: ModuleView): Html {
  if (state === 'unavailable')
    return html`<td>${badge('bad', 'unavailable')}<p class="error">${reason}</p></td>`;
  const mood: Mood = state === 'failing' ? 'bad' : state === 'caught_up' ? 'good' : 'busy';
  const counted = surveyed !== null && surveyed > records && html`<i> of ${grouped(surveyed)}</i>`;
  const failed =
    windows.failed > 0 &&
    html`<a class="badge bad" href="/queues/queue/turns?status=failed">${windows.failed} failed</a>`;
  const lost = unreadable > 0 && html`<span class="badge bad">${grouped(unreadable)} unreadable</span>`;
  return html`<td>
<div class="line"><progress class="${mood}" max="${Math.max(1, windows.total)}" value="${windows.done}"></progress><span class="windows">${windows.done}/${windows.total}</span></div>
<div class="line"><span>${grouped(records)}${counted} records</span></div>
<div class="line"><span class="lag">${lagMs === null ? 'no tail yet' : `lag ${lengthOf(lagMs)}`}</span>${failed}${lost}</div></td>`;
}
