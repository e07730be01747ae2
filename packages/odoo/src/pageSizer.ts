/** Finds the page size that suits a server: larger while pages come full and fast, half after a timeout or an answer too large. */
export interface PageSizer {
  size(): number;
  took(rows: number, ms: number): void;
  /** A page timed out. */
  tooSlow(): void;
  /** An answer was larger than it may be. */
  tooLarge(): void;
}

const FAST_MS = 1_000;
const GROWTH = 1.5;

export function createPageSizer(start: number, limit: number): PageSizer {
  let most = limit;
  let size = Math.min(start, most);
  const halve = () => {
    size = Math.max(1, Math.floor(size / 2));
  };
  return {
    size: () => size,
    took(rows, ms) {
      if (rows >= size && ms < FAST_MS) size = Math.min(most, Math.ceil(size * GROWTH));
    },
    tooSlow: halve,
    tooLarge() {
      halve();
      // Such pages may come fast: grown again, they would fail every attempt at the same place.
      most = size;
    },
  };
}
