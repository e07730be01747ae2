/** The part of V8's .cpuprofile that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly where: string;
  readonly ms: number;
}

/** Time that each function of a profile was itself at work, most first. Waiting is left out. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): readonly SelfTime[] {
  const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const micros = new Map<string, number>();
  for (const [n, id] of samples.entries()) {
    const where = nameOf.get(id) ?? '?';
    micros.set(where, (micros.get(where) ?? 0) + (timeDeltas[n] ?? 0));
  }
  micros.delete('(idle)');
  return [...micros].map(([where, us]) => ({ where, ms: us / 1_000 })).sort((a, b) => b.ms - a.ms);
}

function placeOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)';
  if (!url) return name;
  const file = url
    .replace(/^file:\/\//, '')
    .split(/\/node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?/)
    .at(-1);
  return `${name} ${file?.split('/').slice(-4).join('/')}:${lineNumber + 1}`;
}
