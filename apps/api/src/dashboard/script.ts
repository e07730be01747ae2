/**
 * Fetches the page again and puts its table in place of the old one, so that the scrolling stays; rests ten times as long as the
 * answer took, so that a page left open costs the ledger little.
 */
export const SCRIPT = `
const main = document.querySelector('main');
async function refresh() {
  const asked = performance.now();
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(30000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = await answer.text();
    main.innerHTML = page.slice(page.indexOf('<main>') + 6, page.indexOf('</main>'));
    main.classList.remove('stale');
  } catch {
    main.classList.add('stale');
  }
  setTimeout(refresh, Math.max(3000, 10 * (performance.now() - asked)));
}
setTimeout(refresh, 3000);
`;
