/**
 * Lets a window that killed its worker before run alone in its process, so that it takes no neighbours with it. Ordinary
 * turns share the process; one that must be alone waits for them to end, and new ones wait for it.
 */
export interface AloneGate {
  /** Resolves when the turn may run, with the function that ends it. */
  enter(alone: boolean): Promise<() => void>;
}

export function createAloneGate(): AloneGate {
  let running = 0;
  let aloneRuns = false;
  const waiting: { readonly alone: boolean; readonly go: () => void }[] = [];

  const admit = () => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (aloneRuns || (next.alone && running > 0)) return;
      waiting.shift();
      running++;
      aloneRuns = next.alone;
      next.go();
    }
  };
  return {
    enter: (alone) =>
      new Promise((resolve) => {
        let left = false;
        const leave = () => {
          if (left) return;
          left = true;
          running--;
          if (alone) aloneRuns = false;
          admit();
        };
        waiting.push({ alone, go: () => resolve(leave) });
        admit();
      }),
  };
}
