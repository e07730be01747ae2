/** Finds the page size that suits a server: larger while pages come full and fast, half after a timeout or an answer too large. */
export interface PageSizer {
  size(): number;
  took(rows: number, ms: number): void;
  tooMuch(): void;
}

const FAST_MS = 1_000;
const GROWTH = 1.5;

export function createPageSizer(start: number, most: number): PageSizer {
  let size = Math.min(start, most);
  return {
    size: () => size,
    took(rows, ms) {
      if (rows >= size && ms < FAST_MS) size = Math.min(most, Math.ceil(size * GROWTH));
    },
    tooMuch() {
      size = Math.max(1, Math.floor(size / 2));
    },
  };
}
