/** A metric that a query asks for, and the labels that it is matched by. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

const KEYWORDS = ['and', 'or', 'unless', 'bool', 'offset', 'Inf', 'NaN'];
/** `by (le)`, `on (job, instance) group_left (version)`: label names, not metrics. */
const CLAUSE = /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g;

/** What a PromQL query that is well formed asks for. */
export function selectorsOf(expr: string): readonly Selector[] {
  const rest = expr.replaceAll(CLAUSE, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  return [...rest.matchAll(/(?<![\w.])([a-zA-Z_:][\w:]*)\s*(\(|\{[^}]*\})?/g)].flatMap(
    ([, metric = '', after = '']) =>
      after === '(' || KEYWORDS.includes(metric) ? [] : [{ metric, labels: labelsOf(after) }],
  );
}

const labelsOf = (matchers: string): readonly string[] =>
  [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label);
