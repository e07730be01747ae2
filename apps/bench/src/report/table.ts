import { numberText } from './numberText.js';
import { type Figure, type Goal, isMet, type Machine, type RowResult } from './rowResult.js';

const HEAD = `# Bench

What the engine is measured against. Every figure is the median of runs that take turns with their reference on the same machine
(reference, engine, reference, engine ...). Written by \`npm run bench\`; \`npm run bench -- ROW\` measures a row again, and its line.
`;

/** The page of all rows: what was measured, whether it is as it should be, how, and on what. */
export function renderBench(results: readonly RowResult[]): string {
  const lines = results.flatMap(linesOf);
  return [
    HEAD,
    machinesOf(results),
    '| row | figure | measured | goal | met | from |\n|---|---|---|---|---|---|',
    ...lines,
    '\n## How each row is measured\n',
    ...results.map(detailsOf),
  ].join('\n');
}

function linesOf(result: RowResult): string[] {
  if (result.skipped) return [`| \`${result.row}\` | skipped | | | | ${result.skipped} |`];
  return Object.values(result.figures).map(
    (figure) =>
      `| \`${result.row}\` | ${figure.name} | ${valueText(figure)} | ${goalText(figure.goal, figure.unit)} | ${metText(figure)} | ${figure.from} |`,
  );
}

const unitText = (unit: string): string => (unit === '×' ? '' : ` ${unit}`);
const valueText = ({ value, unit }: Figure): string => `**${numberText(value)}**${unitText(unit)}`;

function goalText(goal: Goal | undefined, unit: string): string {
  if (!goal) return '';
  const [sign, value] = goal.least === undefined ? ['≤', goal.most] : ['≥', goal.least];
  return `${sign} ${numberText(value ?? Number.NaN)}${unitText(unit)}`;
}

function metText(figure: Figure): string {
  const met = isMet(figure);
  return met === undefined ? '' : met ? 'yes' : '**no**';
}

/** Usually one machine; a row measured elsewhere says so by its own line. */
function machinesOf(results: readonly RowResult[]): string {
  const groups = new Map<string, string[]>();
  for (const { row, machine } of results) {
    const text = machineText(machine);
    groups.set(text, [...(groups.get(text) ?? []), row]);
  }
  const several = groups.size > 1;
  return [...groups]
    .map(([text, rows]) => `${several ? `${rows.map((row) => `\`${row}\``).join(', ')}: ` : ''}${text}.\n`)
    .join('\n');
}

const machineText = ({ cpu, cores, memoryGb, node, mongod, redis }: Machine): string =>
  `Measured on ${cpu}, ${cores} cores, ${memoryGb} GB; Node ${node}, mongod ${mongod}, ${redis}; servers, simulator and engine share the machine`;

function detailsOf({ row, how, notes, at, seconds, skipped }: RowResult): string {
  const when = skipped
    ? `Not run: ${skipped}.`
    : `${at.slice(0, 16).replace('T', ' ')} UTC, ${Math.round(seconds)} s.`;
  return `**\`npm run bench -- ${row}\`** (${when}) ${how}\n${notes ? `\n${notes}\n` : ''}`;
}
