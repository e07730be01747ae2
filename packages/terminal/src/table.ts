import Table from 'cli-table3';

/** A table for a terminal; cells that are numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const rendered = new Table({
    head: [...head],
    colAligns: head.map((_, n) => (typeof rows[0]?.[n] === 'number' ? 'right' : 'left')),
    style: { head: [], border: [] },
  });
  rendered.push(...rows.map((row) => [...row]));
  return rendered.toString();
}
