/** FNV-1a of a text: the 32-bit seed that everything else is mixed from. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** Spreads a 32-bit number over all its bits (the finalizer of murmur3); the same input always gives the same output. */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A cheap number of 24 bits for one field (`salt`) of one record (`seed`, already mixed). */
export function draw(seed: number, salt: number): number {
  return Math.imul(seed ^ salt, 0x9e3779b1) >>> 8;
}

/** A source of numbers in [0, 1) that repeats for the same seed; for choices made one after another. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mix(state) / 4_294_967_296;
  };
}
