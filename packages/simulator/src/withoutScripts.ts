/** A text without its script elements; one that isn't closed stays. Each letter is looked at once, however many are opened. */
export function withoutScripts(html: string): string {
  const opening = /<script\b/gi;
  const closing = /<\/script>/gi;
  let kept = '';
  let from = 0;
  for (let open = opening.exec(html); open; open = opening.exec(html)) {
    closing.lastIndex = opening.lastIndex;
    if (!closing.test(html)) break;
    kept += html.slice(from, open.index);
    from = closing.lastIndex;
    opening.lastIndex = from;
  }
  return kept + html.slice(from);
}
