import { MODULE_NAMES, type ModuleName } from '@odoo-sync/core';
import type { Fleet } from '../fleet.js';
import type { UserView } from '../views.js';
import { Html, html } from './html.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { standingOf, userRow } from './userRow.js';
import { grouped } from './words.js';

const TITLES: Readonly<Record<ModuleName, string>> = {
  saleOrders: 'Sale orders',
  invoices: 'Invoices',
  contacts: 'Contacts',
  employees: 'Employees',
};
const RANK = { bad: 0, busy: 1, good: 2 } as const;

/**
 * The dashboard's page.
 * @param troubled users of other pages who stand on this one.
 * @param nonce that its own style and script carry.
 */
export function dashboardPage(fleet: Fleet, troubled: readonly UserView[], nonce: string): string {
  const users = [...troubled, ...fleet.users].toSorted((a, b) => rankOf(a) - rankOf(b));
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>odoo-sync</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<style nonce="${nonce}">${new Html(STYLE)}</style></head>
<body><main>
<header><h1><a href="/dashboard">odoo-sync</a></h1>
<nav><a href="/queues/queue/turns">Bull Board</a><a href="/status">status</a><a href="/docs/json">API</a></nav></header>
${fleet.notes.map((note) => html`<p class="note">${note}</p>`)}
${facts(fleet)}
<div class="scroll"><table>
<thead><tr><th scope="col">User</th>${MODULE_NAMES.map((name) => html`<th scope="col">${TITLES[name]}</th>`)}</tr></thead>
<tbody>${users.map(userRow)}${users.length === 0 && html`<tr><td colspan="5">No user is connected yet.</td></tr>`}</tbody>
</table></div>
<footer>${fleet.next && html`<a rel="next" href="/dashboard?after=${encodeURIComponent(fleet.next)}">More users</a>. `}As of ${fleet.at.slice(0, 19).replace('T', ' ')} UTC. Users in trouble stand first.</footer>
</main><script nonce="${nonce}">${new Html(SCRIPT)}</script></body>
</html>
`.text;
}

const rankOf = (user: UserView): number => RANK[standingOf(user)[0]];

function facts({ totals, queue }: Fleet): Html {
  const fact = (name: string, value: string) => html`<li><b>${value}</b><span>${name}</span></li>`;
  const job = (name: 'waiting' | 'active' | 'delayed' | 'failed') =>
    fact(`jobs ${name}`, queue ? grouped(queue[name]) : '–');
  const total = (name: string, count: keyof NonNullable<Fleet['totals']>) =>
    fact(name, totals ? grouped(totals[count]) : '–');
  return html`<ul class="facts">
${fact('users backfilled', totals ? `${grouped(totals.backfilled)} / ${grouped(totals.users)}` : '–')}
${total('windows left', 'windowsLeft')}${total('windows failed', 'failedWindows')}
${total('records', 'documents')}
${job('active')}${job('waiting')}${job('delayed')}${job('failed')}
</ul>`;
}
