import { parseSync } from '@swc/core';

export interface Expression {
  readonly line: number;
  readonly source: string;
  readonly flags: string;
}

export interface Found {
  readonly literals: readonly Expression[];
  /** Lines where `RegExp` stands as a value: what it makes is known at run time only. */
  readonly made: readonly number[];
}

/** Every regular expression of a source in TypeScript or JavaScript. */
export function expressionsIn(text: string): Found {
  // swc counts bytes, and goes on counting from one parse to the next: the semicolon before the text tells from where.
  const bytes = Buffer.from(`;${text}`);
  const { body } = parseSync(bytes.toString(), { syntax: 'typescript' });
  const from = body[0]?.span.start ?? 0;
  const lineOf = (start: number) =>
    bytes
      .subarray(0, start - from)
      .toString()
      .split('\n').length;
  const literals: Expression[] = [];
  const made: number[] = [];
  const look = (node: unknown): void => {
    if (Array.isArray(node)) return void node.map(look);
    if (typeof node !== 'object' || node === null) return;
    const { type, value, pattern, flags, span } = node as Node;
    if (type === 'TsTypeReference') return;
    if (type === 'RegExpLiteral') literals.push({ line: lineOf(span.start), source: pattern, flags });
    if (type === 'Identifier' && value === 'RegExp') made.push(lineOf(span.start));
    for (const child of Object.values(node)) look(child);
  };
  look(body);
  return { literals, made };
}

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly pattern: string;
  readonly flags: string;
  readonly span: { readonly start: number };
}
