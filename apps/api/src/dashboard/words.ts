/** `12,345` */
export const grouped = (count: number): string => count.toLocaleString('en-US');

const STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** A length of time in its largest unit: `8 s`, `3 min`, `2 h`, `5 d`. */
export function lengthOf(ms: number): string {
  for (const [unit, name] of STEPS) if (ms >= unit) return `${Math.floor(ms / unit)} ${name}`;
  return `${Math.round(ms / 1_000)} s`;
}
