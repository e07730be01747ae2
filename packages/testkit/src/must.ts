/** A value that must be there. @throws with what it means that it isn't. */
export function must<T>(value: T | null | undefined, otherwise: string): T {
  if (value === null || value === undefined) throw new Error(otherwise);
  return value;
}
