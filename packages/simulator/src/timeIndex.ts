const HOUR_MICROSECONDS = 3_600_000_000;

interface Hour {
  ids: number[];
  /** How many records stand in this hour now; `ids` may also name some that have left. */
  count: number;
}

/** Which ids were written in which hour, kept as records move: finds the candidates of a window without looking at the rest. */
export class TimeIndex {
  readonly #hours = new Map<number, Hour>();
  #sorted: number[] | undefined;

  move(id: number, from: number | undefined, to: number | undefined): void {
    const fromHour = from === undefined ? undefined : Math.floor(from / HOUR_MICROSECONDS);
    const toHour = to === undefined ? undefined : Math.floor(to / HOUR_MICROSECONDS);
    if (fromHour === toHour) return;
    if (fromHour !== undefined) this.#hours.get(fromHour)!.count -= 1;
    if (toHour === undefined) return;
    let hour = this.#hours.get(toHour);
    if (hour === undefined) {
      hour = { ids: [], count: 0 };
      this.#hours.set(toHour, hour);
      this.#sorted = undefined;
    }
    hour.ids.push(id);
    hour.count += 1;
  }

  clear(): void {
    this.#hours.clear();
    this.#sorted = undefined;
  }

  /** How many records the hours that touch [from, to) hold: an upper bound of what the range holds. */
  atMost(from: number, to: number): number {
    let count = 0;
    for (const [, hour] of this.#between(from, to)) count += hour.count;
    return count;
  }

  /** Sorted, distinct ids of [from, to), microseconds; `writtenOf` gives the current time, or -1 for a record that is gone. */
  idsBetween(from: number, to: number, writtenOf: (id: number) => number): Uint32Array {
    const found: number[] = [];
    for (const [key, hour] of this.#between(from, to)) {
      if (hour.ids.length > 2 * hour.count + 64) {
        const stays = (id: number): boolean => Math.floor(writtenOf(id) / HOUR_MICROSECONDS) === key;
        hour.ids = [...new Set(hour.ids.filter(stays))];
      }
      for (const id of hour.ids) {
        const written = writtenOf(id);
        if (written >= from && written < to) found.push(id);
      }
    }
    const sorted = Uint32Array.from(found).sort();
    let kept = 0;
    for (let i = 0; i < sorted.length; i += 1) {
      if (i > 0 && sorted[i] === sorted[i - 1]) continue;
      sorted[kept] = sorted[i]!;
      kept += 1;
    }
    return sorted.subarray(0, kept);
  }

  *#between(from: number, to: number): Generator<[number, Hour]> {
    this.#sorted ??= [...this.#hours.keys()].sort((a, b) => a - b);
    for (const key of this.#sorted) {
      if ((key + 1) * HOUR_MICROSECONDS <= from) continue;
      if (key * HOUR_MICROSECONDS >= to) return;
      yield [key, this.#hours.get(key)!];
    }
  }
}
