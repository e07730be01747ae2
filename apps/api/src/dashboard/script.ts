/** Fetches the page again and puts its table in place of the old one, so that the scrolling stays. */
export const SCRIPT = `
const main = document.querySelector('main');
async function refresh() {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = await answer.text();
    main.innerHTML = page.slice(page.indexOf('<main>') + 6, page.indexOf('</main>'));
    main.classList.remove('stale');
  } catch {
    main.classList.add('stale');
  }
  setTimeout(refresh, 3000);
}
setTimeout(refresh, 3000);
`;
