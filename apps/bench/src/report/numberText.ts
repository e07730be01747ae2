/** A number as people read it: three significant digits, thousands in groups. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

/** A list of samples on one line. */
export const samplesText = (values: readonly number[]): string => values.map(numberText).join(' ');
