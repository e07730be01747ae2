import { MODULE_NAMES } from '@odoo-sync/core';

/** The part of an entry of MongoDB's profiler that is read here. */
export interface ProfiledOp {
  readonly op: string;
  readonly ns: string;
  readonly command?: Fields;
  readonly originatingCommand?: Fields;
  readonly planSummary?: string;
  readonly keysExamined?: number;
  readonly docsExamined?: number;
  readonly nreturned?: number;
  readonly nMatched?: number;
  readonly ndeleted?: number;
  readonly millis: number;
  readonly appName?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const MODULE = new RegExp(`\\.(?:${MODULE_NAMES.join('|')})(?=\\.|$)`, 'g');
const LOGICAL = ['$or', '$and', '$nor'];

/** What an operation asks, without the values: all that asks the same has the same shape. */
export function shapeOf({ op, ns, command = {}, originatingCommand }: ProfiledOp): string {
  const [verb, ...rest] =
    op === 'getmore' ? questionOf('query', originatingCommand ?? {}) : questionOf(op, command);
  const collection = ns.slice(ns.indexOf('.') + 1);
  return [verb, collection, ...rest, ...(op === 'getmore' ? ['(more)'] : [])].join(' ');
}

function questionOf(op: string, command: Fields): readonly string[] {
  if (op === 'update' || op === 'remove')
    return [command.multi === true ? `${op}Many` : op, filterOf(command.q)];
  if ('find' in command) {
    const sort = command.sort ? ['sort', filterOf(command.sort)] : [];
    return ['find', filterOf(command.filter), ...sort, ...(command.limit ? ['limit'] : [])];
  }
  if ('findAndModify' in command) return ['findAndModify', filterOf(command.query)];
  if ('aggregate' in command) return ['aggregate', pipelineOf(command.pipeline)];
  return [Object.keys(command)[0] ?? op];
}

function pipelineOf(pipeline: unknown): string {
  if (!Array.isArray(pipeline)) return '';
  return pipeline
    .map((stage: Fields) => {
      const [name = ''] = Object.keys(stage);
      return name === '$match' ? `$match ${filterOf(stage[name])}` : name;
    })
    .filter((text, n, all) => text !== all[n - 1])
    .join(' ');
}

function filterOf(filter: unknown): string {
  if (typeof filter !== 'object' || filter === null) return '{}';
  const names = Object.entries(filter).map(([name, value]) =>
    LOGICAL.includes(name) && Array.isArray(value)
      ? `${name}[${value.map(filterOf).join('|')}]`
      : `${isAbsent(value) ? '!' : ''}${name.replace(MODULE, '.*')}`,
  );
  return `{${names.join(',')}}`;
}

/** Asking for what lacks a field is another question: hardly an index answers it. */
const isAbsent = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '$exists' in value && value.$exists === false;
