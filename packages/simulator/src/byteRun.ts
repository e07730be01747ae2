/**
 * Joins many short pieces of byte text into one run of bytes. A JavaScript string built by `+` is a tree whose flattening, at the
 * size of a page, costs as much as making the pieces; flattened in small bundles, outside of the heap, it is nearly free.
 */
export class ByteRun {
  #buffer = Buffer.allocUnsafeSlow(1 << 16);
  #used = 0;

  add(piece: string): void {
    if (this.#used + piece.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#used + piece.length));
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    this.#used += this.#buffer.write(piece, this.#used, 'latin1');
  }

  /** The bytes so far, to be used before anything else is added; the run is empty afterwards. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (this.#buffer.length > 1 << 25) this.#buffer = Buffer.allocUnsafeSlow(1 << 16);
    return bytes;
  }
}

/** A text of bytes, or the bytes themselves. */
export type Bytes = string | Buffer;

/** One buffer of its own with all the parts in it. */
export function joinBytes(...parts: readonly Bytes[]): Buffer {
  const joined = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts)
    at += typeof part === 'string' ? joined.write(part, at, 'latin1') : part.copy(joined, at);
  return joined;
}
