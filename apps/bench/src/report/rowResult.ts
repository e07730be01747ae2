/** What a figure should be: at least, or at most. */
export interface Goal {
  readonly least?: number;
  readonly most?: number;
}

/** One figure of a row. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `×` for a ratio; `ms`, `MB`, `windows/s`, ... */
  readonly unit: string;
  readonly goal?: Goal;
  /** The medians it comes from, in words. */
  readonly from: string;
}

/** What a row gave, as it is kept. Texts instead of lists: the files stay one line a fact. */
export interface RowResult {
  readonly row: string;
  /** Why it was not run; then it has no figures. */
  readonly skipped?: string;
  readonly figures: Readonly<Record<string, Figure>>;
  /** What is measured, and against what. */
  readonly how: string;
  /** What else was seen: where the time goes, samples. */
  readonly notes: string;
  readonly at: string;
  readonly seconds: number;
  readonly machine: Machine;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly mongod: string;
  readonly redis: string;
}

/** Whether a figure is as it should be; undefined where nothing is asked of it. */
export function isMet({ value, goal }: Pick<Figure, 'value' | 'goal'>): boolean | undefined {
  if (!goal) return undefined;
  return (
    value >= (goal.least ?? Number.NEGATIVE_INFINITY) && value <= (goal.most ?? Number.POSITIVE_INFINITY)
  );
}
