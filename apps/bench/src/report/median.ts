/** The middle of some values, or the mean of the two in the middle. @throws when there are none. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which such a share (0 to 1) of the values lies, interpolated. @throws when there are none. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('no values to take the middle of');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
