/**
 * Asks again and again until the answer is true.
 * @throws when it isn't in time.
 */
export async function untilTrue(
  what: string,
  ask: () => Promise<boolean>,
  limitMs: number,
  everyMs = 50,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
