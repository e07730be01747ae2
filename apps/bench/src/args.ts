import { parseArgs } from 'node:util';

export interface BenchArgs {
  /** In the order of the bench; all where none was named. */
  readonly rows: readonly string[];
  /** Smaller sizes, single runs, nothing kept. */
  readonly quick: boolean;
  /** Workers are profiled, and where their time went is printed. */
  readonly profile: boolean;
}

/** Reads the command line. @throws saying which rows there are when one isn't known. */
export function readArgs(argv: readonly string[], known: readonly string[]): BenchArgs {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, profile: { type: 'boolean' } },
  });
  const unknown = positionals.filter((row) => !known.includes(row));
  if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  const rows = positionals.length === 0 ? known : known.filter((row) => positionals.includes(row));
  return { rows, quick: values.quick ?? false, profile: values.profile ?? false };
}
